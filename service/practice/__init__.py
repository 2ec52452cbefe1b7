"""Practice on the shipped episodes, whose right coding is known. Nothing of it reaches training."""
