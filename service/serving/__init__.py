"""The model that answers: fetched, verified, swapped; and what waits for it."""
