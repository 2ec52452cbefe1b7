"""Text in, codes out, nothing kept."""
