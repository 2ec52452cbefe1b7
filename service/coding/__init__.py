"""The coding of an episode as it stands: derived from suggestions and decisions, never stored over."""
