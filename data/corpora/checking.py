"""Checks a corpus against the code tables: everything that is wrong with it, not the first thing only."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from data.classifications import Classification
from data.corpora.coded_documents import numbered_lines, read_coded_line
from data.corpora.treatment_functions import read_treatment_functions
from data.episodes import CodedEpisode, Role
from data.errors import CodedDocumentError


def corpus_problems(path: Path, tables: Mapping[Role, Classification]) -> list[str]:
    """What is wrong with a file, in sentences that name file, line and field; empty when all is well."""
    functions = read_treatment_functions()
    problems: list[str] = []
    ids: set[str] = set()
    for number, line in numbered_lines(path):
        try:
            episode = read_coded_line(path, number, line)
        except CodedDocumentError as error:
            problems.append(str(error))
            continue
        for field, problem in _episode_problems(episode, tables, functions, ids):
            problems.append(str(CodedDocumentError(path, number, field, problem)))
        ids.add(episode.episode.id)
    return problems


def _episode_problems(
    coded: CodedEpisode, tables: Mapping[Role, Classification], functions: Mapping[str, str], ids: set[str]
) -> Iterator[tuple[str, str]]:
    episode = coded.episode
    if episode.id in ids:
        yield "id", f"{episode.id} stands already"
    if episode.treatment_function and episode.treatment_function not in functions:
        yield "treatment_function", f"{episode.treatment_function} is not known"
    yield from _code_problems(coded, Role.DIAGNOSIS, tables)
    yield from _code_problems(coded, Role.PROCEDURE, tables)
    for index, mention in enumerate(coded.not_coded):
        if mention.would_be and not any(mention.would_be in table for table in tables.values()):
            yield f"not_coded[{index}].would_be", f"{mention.would_be} is in no table"


def _code_problems(
    coded: CodedEpisode, role: Role, tables: Mapping[Role, Classification]
) -> Iterator[tuple[str, str]]:
    table = tables[role]
    lines, field = (
        (coded.diagnoses, "diagnoses") if role is Role.DIAGNOSIS else (coded.procedures, "procedures")
    )
    for index, line in enumerate(lines):
        if not table.valid_on(line.code, coded.episode.end):
            yield f"{field}[{index}].code", f"{line.code} is not a code of {table.label} to be used"
