"""Text to codes. Pure: an episode in, a prediction out; no web, no database."""
