"""A provider's own terms and cues: added, blocked and removed by those who code there."""
