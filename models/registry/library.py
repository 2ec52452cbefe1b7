"""MLflow, imported when it is first needed and made quiet."""

import os
from importlib import import_module
from typing import Any

_OF_A_DATABASE = ("mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store")


def import_mlflow() -> Any:  # a module that is not typed
    """Nothing is sent anywhere, a store that does not answer is given up soon, and no pickle is ever read."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "false"
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # it may hold a password
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "30")
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    import mlflow

    return mlflow


def preload_library() -> None:
    """With what MLflow itself imports when a store is first asked; for a process that others fork from."""
    import_mlflow()
    for name in _OF_A_DATABASE:
        import_module(name)
