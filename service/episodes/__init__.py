"""Episodes: what an EPR posts, what coders decide, what stands."""
