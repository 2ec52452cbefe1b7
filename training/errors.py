"""Errors of the training layer.

TrainingError
├── ConfigError     the configuration is wrong: names file and setting
├── CorpusError     there is nothing to learn from or to measure
├── DecisionsError  the service's decisions cannot be read
├── ModelNotFound   no such model: says how to get one
├── PredictError    a run cannot go on; the output file is left as it was
└── PromotionError  what serves stays as it is: says why
"""


class TrainingError(Exception):
    """Base of all errors of this layer; the message says what to do."""


class ConfigError(TrainingError):
    """The configuration is wrong."""


class CorpusError(TrainingError):
    """There is nothing to learn from or to measure."""


class DecisionsError(TrainingError):
    """The service's decisions cannot be read."""


class ModelNotFound(TrainingError):
    """There is no such model."""


class PredictError(TrainingError):
    """A run cannot go on."""


class PromotionError(TrainingError):
    """What serves stays as it is."""
