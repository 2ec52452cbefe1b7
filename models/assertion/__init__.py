"""What a note says of a mention: present, queried, negated, a relative's, past, planned ..."""

from models.assertion.called_off import CalledOff
from models.assertion.judging import AssertionReader, CueReader, Judgement
from models.assertion.operated import OperatedOn
from models.assertion.statuses import StatusTable
from models.assertion.stay import Stay

__all__ = ["AssertionReader", "CalledOff", "CueReader", "Judgement", "OperatedOn", "StatusTable", "Stay"]
