"""Fixtures that every suite may use."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.service_fixtures", "tests.model_store", "tests.printed"]

# A machine that stands still for a moment is no defect.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
