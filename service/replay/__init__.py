"""A stored suggestion made again, and compared line for line."""
