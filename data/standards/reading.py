"""Reads files of rules, and names file, line, rule and field of what is wrong."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from data.episodes import Role
from data.errors import CuratedFileError
from data.standards.codes import CodeSet, is_stored
from data.standards.examples import Example, read_example
from data.standards.rule import Rule
from data.standards.vocabulary import OPERATORS, PATIENT_FLAGS, PROJECT, Argument, Kind, Severity

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NATIONAL = re.compile(r"(D|P)(Rule|Convention|GCS|ChS|CS)[ .]?[A-Z0-9IVX.]*(-[0-9])?")
_MARK = re.compile(r"(V:[^;]+|R|I|\?)(; .+)?")
_COMMON = frozenset(
    {
        "id", "standard", "mark", "rows", "severity", "text", "operator", "completes", "optional", "on",
        "when", "unless", "from", "to", "passing", "failing",
    }
)  # fmt: skip


def read_rules(path: Path, edition: str = "") -> tuple[Rule, ...]:
    """The rules of one file, in its order.

    Raises:
        CuratedFileError: the file cannot be read, or a rule is not right.
    """
    return read_rules_of(path, _text(path), edition)


def read_rules_of(path: Path, text: str, edition: str = "") -> tuple[Rule, ...]:
    """The rules of a text, whatever it came by; `path` names it in errors.

    Raises:
        CuratedFileError: a rule is not right.
    """
    source = _Source.of(path, text)
    role = source.role()
    tables = source.content.get("rule", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CuratedFileError(path, 1, "rule", "rules are written as [[rule]]")
    rules = tuple(
        _RuleReader(source, table, number, role, edition).rule() for number, table in enumerate(tables)
    )
    _refuse_twice(source, rules)
    return rules


def _refuse_twice(source: "_Source", rules: tuple[Rule, ...]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise CuratedFileError(
                source.path, source.line_of(rule.id), f"rule {rule.id}, id", "stands twice"
            )
        seen.add(rule.id)


@dataclass(frozen=True, slots=True)
class _Source:
    path: Path
    text: str
    content: dict[str, Any]  # TOML

    @classmethod
    def of(cls, path: Path, text: str) -> "_Source":
        try:
            return cls(path, text, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line (\d+)", str(error))
            line = int(place[1]) if place else _last_line(text)
            raise CuratedFileError(path, line, "file", f"is not TOML: {error}") from None

    def role(self) -> Role:
        try:
            return Role(str(self.content.get("role")))
        except ValueError:
            raise CuratedFileError(self.path, 1, "role", "is diagnosis or procedure") from None

    def line_of(self, rule_id: object, number: int = 0) -> int:
        """Where a rule begins: by its id, else by its number."""
        lines = self.text.split("\n")
        wanted = f'id = "{rule_id}"'
        named = [place for place, line in enumerate(lines, 1) if line.strip() == wanted]
        heads = [place for place, line in enumerate(lines, 1) if line.strip() == "[[rule]]"]
        return named[-1] if named else heads[number] if number < len(heads) else 1


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CuratedFileError(path, 1, "file", error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise CuratedFileError(path, 1, "file", "is not UTF-8") from None


def _last_line(text: str) -> int:
    """Where TOML says `at end of document`."""
    return text.count("\n") + 1


class _RuleReader:
    """Makes one rule of its table."""

    def __init__(self, source: _Source, table: dict[str, Any], number: int, role: Role, edition: str) -> None:
        self._source = source
        self._table = table
        self._role = role
        self._edition = edition
        self._name = table.get("id", f"number {number + 1}")
        self._line = source.line_of(table.get("id"), number)

    def rule(self) -> Rule:
        operator = self._operator()
        self._refuse_unknown_fields(operator)
        rule = Rule(
            id=self._word("id", _ID, "is small letters and digits between hyphens"),
            standard=self._standard(),
            mark=self._word("mark", _MARK, "is V:source, R, I or ?"),
            rows=tuple(self._words("rows")),
            severity=self._severity(),
            role=self._role,
            text=self._string("text"),
            operator=operator,
            arguments=self._arguments(operator),
            completes=self._flag("completes", default=False),
            optional=self._flag("optional", default=False),
            on=self._flag("on", default=True),
            when=self._flags("when"),
            unless=self._flags("unless"),
            valid_from=self._date("from"),
            valid_to=self._date("to"),
            passing=self._examples("passing"),
            failing=self._examples("failing"),
            file=self._source.path.name,
            edition=self._edition,
        )
        self._check(rule)
        return rule

    def _check(self, rule: Rule) -> None:
        certain = rule.standard != PROJECT and rule.mark.startswith("V:")
        if rule.severity is Severity.ERROR and not certain:
            self._refuse("severity", "is at most warning without a national id and a verified source")
        if not rule.on and not rule.optional:
            self._refuse("on", "only an optional rule is off")
        if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
            self._refuse("to", "lies before from")

    def _refuse(self, field: str, problem: str) -> NoReturn:
        raise CuratedFileError(self._source.path, self._line, f"rule {self._name}, {field}", problem)

    def _refuse_unknown_fields(self, operator: str) -> None:
        unknown = self._table.keys() - _COMMON - OPERATORS[operator].arguments.keys()
        if unknown:
            self._refuse(min(unknown), f"{operator} has no such field")

    def _string(self, field: str) -> str:
        value = self._table.get(field)
        if not isinstance(value, str) or not value.strip():
            self._refuse(field, "is missing or empty")
        return value.strip()

    def _word(self, field: str, pattern: re.Pattern[str], problem: str) -> str:
        value = self._string(field)
        if not pattern.fullmatch(value):
            self._refuse(field, f"{value!r} {problem}")
        return value

    def _standard(self) -> str:
        value = self._string("standard")
        if value != PROJECT and not _NATIONAL.fullmatch(value):
            self._refuse("standard", f"{value!r} is neither a national id nor project")
        return value

    def _severity(self) -> Severity:
        try:
            return Severity(self._string("severity"))
        except ValueError:
            self._refuse("severity", f"is one of {', '.join(Severity)}")

    def _operator(self) -> str:
        value = self._string("operator")
        if value not in OPERATORS:
            self._refuse("operator", f"{value!r} is not one of {', '.join(OPERATORS)}")
        return value

    def _flag(self, field: str, *, default: bool) -> bool:
        value = self._table.get(field, default)
        if not isinstance(value, bool):
            self._refuse(field, "is true or false")
        return value

    def _words(self, field: str) -> list[str]:
        value = self._table.get(field, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self._refuse(field, "is a list of words")
        return value

    def _flags(self, field: str) -> frozenset[str]:
        given = frozenset(self._words(field))
        if not given <= set(PATIENT_FLAGS):
            self._refuse(field, f"is a list of {', '.join(PATIENT_FLAGS)}")
        return given

    def _date(self, field: str) -> date | None:
        value = self._table.get(field)
        if value is not None and type(value) is not date:
            self._refuse(field, "is a date, such as 2026-04-01")
        return value

    def _examples(self, field: str) -> tuple[Example, ...]:
        written = self._words(field)
        if not written:
            self._refuse(field, "has no example")
        try:
            return tuple(read_example(one) for one in written)
        except (ValueError, KeyError) as error:
            self._refuse(field, str(error))

    def _arguments(self, operator: str) -> Mapping[str, object]:
        wanted = OPERATORS[operator].arguments
        missing = [name for name, argument in wanted.items() if argument.required and name not in self._table]
        if missing:
            self._refuse(missing[0], f"{operator} needs it")
        return {name: self._argument(name, wanted[name]) for name in wanted if name in self._table}

    def _argument(self, field: str, wanted: Argument) -> object:
        try:
            return _READERS[wanted.kind](self._table[field], wanted)
        except ValueError as error:
            self._refuse(field, str(error))


def _codes(value: object, _wanted: Argument) -> CodeSet:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ValueError("is a list of codes, categories or ranges")
    return CodeSet.of(value)


def _code(value: object, _wanted: Argument) -> str:
    if not isinstance(value, str) or not is_stored(value):
        raise ValueError("is one code in stored form, such as I10X")
    return value


def _code_lists(value: object, wanted: Argument) -> tuple[CodeSet, ...]:
    if not isinstance(value, list) or len(value) < 2:
        raise ValueError("is a list of two or more lists of codes")
    return tuple(_codes([one] if isinstance(one, str) else one, wanted) for one in value)


def _number(value: object, _wanted: Argument) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("is a whole number")
    return value


def _truth(value: object, _wanted: Argument) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is true or false")
    return value


def _one_word(value: object, wanted: Argument) -> str:
    if not isinstance(value, str) or not value or (wanted.words and value not in wanted.words):
        raise ValueError(f"is one of {', '.join(wanted.words)}" if wanted.words else "is a word")
    return value


_READERS = {
    Kind.CODES: _codes,
    Kind.CODE: _code,
    Kind.GROUPS: _code_lists,
    Kind.LADDER: _code_lists,
    Kind.NUMBER: _number,
    Kind.FLAG: _truth,
    Kind.WORD: _one_word,
}
