"""Queries: a coder asks about words, neutrally; a clinician answers; the answer is a document."""
