"""Fixtures that every suite may use."""

import os
from pathlib import Path

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.service_fixtures", "tests.model_store", "tests.printed"]

# Tables, search indexes and compiled terms are worked out once for all tests and the programs they start.
os.environ.setdefault("AUTOCODER_CACHE_DIR", str(Path(__file__).parents[1] / "var" / "cache"))

# A machine that stands still for a moment is no defect.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
