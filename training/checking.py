"""What is wrong with a corpus: codes, quotes, patients and sentences that splits share."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

from data.corpora import Split, corpus_problems, read_coded_documents, shipped_corpus
from data.episodes import CodedEpisode
from training.leakage import split_leaks
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications


def problems_of(paths: Iterable[Path]) -> list[str]:
    """In sentences that name file, line and field; empty when all is well."""
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    return [problem for path in paths for problem in corpus_problems(path, tables)]


def problems_of_shipped() -> list[str]:
    """Those of each file of the shipped corpus, and those of the splits beside each other."""
    files = [path for split in Split for path in shipped_corpus(split)]
    return problems_of(files) or split_problems({split: read_split(split) for split in Split})


def read_split(split: Split) -> list[CodedEpisode]:
    return [coded for path in shipped_corpus(split) for coded in read_coded_documents(path)]


def split_problems(splits: Mapping[str, list[CodedEpisode]]) -> list[str]:
    """Episodes and patients in two splits, and sentences too much alike. The test split is not quoted."""
    problems: list[str] = []
    for one, other in combinations(splits, 2):
        for name, key in (("episode", _id), ("patient", _patient)):
            shared = {key(coded) for coded in splits[one]} & {key(coded) for coded in splits[other]}
            problems.extend(f"{name} {found} is in {one} and in {other}" for found in sorted(shared))
    for one, other, alike in split_leaks(splits):
        places = f"{alike.one.episode} in {one} and {alike.other.episode} in {other}"
        problems.append(f"{places} are {alike.similarity:.0f} % alike: {alike.one.masked}")
    return problems


def _id(coded: CodedEpisode) -> str:
    return coded.episode.id


def _patient(coded: CodedEpisode) -> str:
    return coded.patient or coded.episode.id
