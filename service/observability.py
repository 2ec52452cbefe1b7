"""Logs and metrics. Both carry an allow-list of fields: no patient text, no name, no number of a person.

Every metric is declared here.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

LOGGED_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "request_id", "method", "route", "status", "seconds", "model",
        "digest", "reason", "error", "where", "episodes", "count", "provider", "port", "address", "account",
        "channel", "state",
    }
)  # fmt: skip

REQUESTS = Counter("autocoder_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "autocoder_request_seconds", "Seconds from request to answer.", ["method", "route"]
)
PREDICTION_SECONDS = Histogram("autocoder_prediction_seconds", "Seconds that the model took for an episode.")
DECISIONS = Counter("autocoder_decisions_total", "Decisions of coders.", ["kind"])
MODEL_READY = Gauge("autocoder_model_ready", "1 while a model serves.")
MESSAGES = Counter("autocoder_messages_total", "Messages of other systems.", ["channel", "state"])
DELIVERIES = Counter("autocoder_deliveries_total", "Attempts to deliver codings.", ["kind", "outcome"])
CHALLENGED = Counter("autocoder_challenger_answers_total", "Answers of the challenger.", ["agrees"])
UNSUGGESTED = Gauge("autocoder_unsuggested_episodes", "Episodes that wait for a suggestion.")

log = structlog.get_logger("autocoder")


def _allow_listed(
    _logger: object, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {name: value for name, value in fields.items() if name in LOGGED_FIELDS}


def configure_logging(level: int = logging.INFO) -> None:
    """JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is when the line is written
        cache_logger_on_first_use=False,
    )
