"""The challenger in the shadow: it reads what the champion read, and nobody who codes sees its answer."""
