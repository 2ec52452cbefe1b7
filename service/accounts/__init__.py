"""Providers, people and systems: local accounts, API keys, sessions."""
