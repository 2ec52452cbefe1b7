"""People and systems: the HTTP API, episodes and decisions, the coder's workbench."""
