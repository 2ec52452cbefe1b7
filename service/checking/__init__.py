"""The second check of a trainee's coding: what was submitted beside what stands, and what came of it."""
