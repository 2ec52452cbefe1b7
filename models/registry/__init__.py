"""Where models are kept: runs, versions and aliases in an MLflow store. Nothing else imports MLflow.

This is the one way in: what is not named here is of this package alone. MLflow is imported when a store is
first asked something.
"""

from models.registry.errors import ArtifactsMissing, NoSuchModel, RegistryError, StoreUnreachable
from models.registry.library import preload_library
from models.registry.records import (
    CHALLENGER,
    CHAMPION,
    PREVIOUS,
    TRACKING_URI_VARIABLE,
    ChildRun,
    DatasetRecord,
    Reference,
    RegisteredModel,
    RunRecord,
    Table,
    default_tracking_uri,
)
from models.registry.store import Registry

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "PREVIOUS",
    "TRACKING_URI_VARIABLE",
    "ArtifactsMissing",
    "ChildRun",
    "DatasetRecord",
    "NoSuchModel",
    "Reference",
    "RegisteredModel",
    "Registry",
    "RegistryError",
    "RunRecord",
    "StoreUnreachable",
    "Table",
    "default_tracking_uri",
    "preload_library",
]
