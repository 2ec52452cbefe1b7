"""Codings that were finalised, on their way to other systems: an outbox, and what empties it."""
