"""Messages of other systems: they become episodes, and what could not be read waits to be mended."""
