"""Forms that came when the session had ended: kept for a short time, for the same person to send again."""
