"""The cases to practise on: the training split of the corpus that ships, each with its right coding."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache

from data.corpora import Split, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from service.errors import NotFound


@cache
def cases() -> Mapping[str, CodedEpisode]:
    """By id. Read when first asked for."""
    every = (e for path in shipped_corpus(Split.TRAIN) for e in read_coded_documents(path))
    return {case.episode.id: case for case in every if case.diagnoses}


def case_of(case_id: str) -> CodedEpisode:
    """
    Raises:
        NotFound: no case that ships has this id.
    """
    found = cases().get(case_id)
    if found is None:
        raise NotFound("there is no such case")
    return found


def specialties() -> list[tuple[str, int]]:
    """Treatment functions with the number of their cases, the most first."""
    counted = Counter(case.episode.treatment_function or "" for case in cases().values())
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def next_case(account_id: str, tried: Collection[str], treatment_function: str = "") -> str | None:
    """A case that was not tried yet, in an order of the account's own; any again when all have been.

    Args:
        treatment_function: empty for every one.
    """
    wanted = [
        case_id
        for case_id, case in cases().items()
        if treatment_function in ("", case.episode.treatment_function)
    ]
    fresh = [case_id for case_id in wanted if case_id not in tried]
    return min(fresh or wanted, key=lambda case_id: _shuffled(account_id, case_id), default=None)


def _shuffled(account_id: str, case_id: str) -> str:
    return hashlib.sha256(f"{account_id} {case_id}".encode()).hexdigest()
