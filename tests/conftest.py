"""Fixtures that every suite may use."""

pytest_plugins = ["tests.service_fixtures", "tests.printed"]
