"""What we know: classifications, clinical terms, the language of notes, corpora. Imports nothing of ours."""
