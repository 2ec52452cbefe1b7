"""A typed client of the HTTP API, for integration engines and scripts. Knows nothing of the service's inside.

>>> from service.client import Client
>>> with Client("https://coding.example.nhs.uk", key="…") as client:      # doctest: +SKIP
...     answer = client.suggest("Diagnosis: infective exacerbation of COPD.")
...     [line.code for line in answer.diagnoses if line.suggested]
"""

from service.client import decisions, sent
from service.client.asynchronous import AsyncClient
from service.client.client import Client
from service.client.errors import (
    ClientError,
    Conflict,
    ConnectionFailed,
    Gone,
    NotAllowed,
    Overloaded,
    Problem,
    Refused,
    Stale,
    Unexpected,
)
from service.client.retrying import Retries
from service.client.types import (
    Acknowledgement,
    CodeHit,
    CodeSearch,
    Coding,
    Decided,
    Document,
    Episode,
    EpisodePage,
    EpisodeSummary,
    Evidence,
    Finding,
    Line,
    SuggestedLine,
    Suggestions,
    Version,
)

__all__ = [
    "Acknowledgement",
    "AsyncClient",
    "Client",
    "ClientError",
    "CodeHit",
    "CodeSearch",
    "Coding",
    "Conflict",
    "ConnectionFailed",
    "Decided",
    "Document",
    "Episode",
    "EpisodePage",
    "EpisodeSummary",
    "Evidence",
    "Finding",
    "Gone",
    "Line",
    "NotAllowed",
    "Overloaded",
    "Problem",
    "Refused",
    "Retries",
    "Stale",
    "SuggestedLine",
    "Suggestions",
    "Unexpected",
    "Version",
    "decisions",
    "sent",
]
