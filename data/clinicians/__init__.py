"""Numbers of professions, the consultant code field, and who answers for an episode: as data.

Sources: NHS Data Dictionary and HES for the formats and defaults of the field; for the rule, the case study
of NHS Employers on SAS doctors.
"""

from data.clinicians.numbers import (
    CodeKind,
    DefaultCode,
    ProfessionalBody,
    WrittenCode,
    default_codes,
    default_for,
    number_of,
    own_code,
    read_code,
)
from data.clinicians.rule import Basis, CodeSource, RuleLine, Standing, Step, read_rule, shipped_rule

__all__ = [
    "Basis",
    "CodeKind",
    "CodeSource",
    "DefaultCode",
    "ProfessionalBody",
    "RuleLine",
    "Standing",
    "Step",
    "WrittenCode",
    "default_codes",
    "default_for",
    "number_of",
    "own_code",
    "read_code",
    "read_rule",
    "shipped_rule",
]
