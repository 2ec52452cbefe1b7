"""How long tests wait for what should come about at once.

A machine that is shared may stand still for minutes: only what hangs for ever is a defect here. How fast the
service is, is measured by `make bench`.
"""

import os

PATIENCE_SECONDS = 300.0
BUSY_MS = 60_000
"""A writer waits so long for another: 503 afterwards is right, but not what most tests ask about."""
SLOWER = 1 if "AUTOCODER_QUIET" in os.environ else 5
"""How many times slower than a quiet machine this one may be. Processor time is no way out: that of a virtual
machine holds what its host takes away. `make bench` asks for the promised figures (`speed`)."""
