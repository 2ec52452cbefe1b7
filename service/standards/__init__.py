"""The coding standards in the service: a provider's policy, findings on a coding, fixes, overrides."""
