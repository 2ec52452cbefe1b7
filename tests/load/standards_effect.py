"""What the coding standards change in a model's codings, and what they say of gold codings.

usage: python -m tests.load.standards_effect --model FOLDER GOLD.jsonl ...
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

from data.episodes import CodedEpisode, Role
from models.bundle import open_bundle
from models.coder import LexiconCoder
from models.completing import facts_of
from models.standards import Finding, Line
from training.corpus import read_corpus
from training.evaluate import measure
from training.metrics import scored
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications

_FIGURES = (
    "micro_f1", "diagnoses_micro_f1", "procedures_micro_f1", "primary_correct", "exact_match", "exact_order",
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, required=True)
    options.add_argument("gold", type=Path, nargs="+")
    asked = options.parse_args()
    tables = load_classifications(DEFAULT_CLASSIFICATIONS)
    coder = open_bundle(asked.model, name="effect", version="0", classifications=tables)
    if not isinstance(coder, LexiconCoder):
        raise SystemExit("only a model of terms is completed by the standards")
    episodes = read_corpus(asked.gold).episodes
    for name, one in (("without the standards", _without(coder)), ("with them", coder)):
        codings = [scored(gold, one.suggest(gold.episode)) for gold in episodes]
        headline = measure(codings, tables, seed=0, draws=1)["headline"]
        print(name, *(f"{figure} {headline[figure]['value']:.4f}" for figure in _FIGURES))
    _show_findings(coder, episodes)


def _without(coder: LexiconCoder) -> LexiconCoder:
    plain = copy(coder)
    plain._standards = None
    return plain


def _show_findings(coder: LexiconCoder, episodes: Sequence[CodedEpisode]) -> None:
    found = [(gold.episode.id, finding) for gold in episodes for finding in _findings(coder, gold)]
    severities = Counter(finding.severity.value for _, finding in found)
    print(f"{len(episodes)} gold codings:", dict(severities))
    for rule, count in Counter(finding.rule for _, finding in found).most_common(12):
        print(f"  {count:3} {rule}")
    for episode, finding in found:
        if finding.severity == "error":
            print(f"  error {finding.rule} in {episode}")


def _findings(coder: LexiconCoder, gold: CodedEpisode) -> Iterator[Finding]:
    engine = coder._standards
    if engine is not None:
        lines = [Line(Role.DIAGNOSIS, line.code) for line in gold.diagnoses]
        lines += [Line(Role.PROCEDURE, line.code, line.group) for line in gold.procedures]
        yield from engine.check(lines, facts_of(gold.episode, coder.candidates(gold.episode)))


if __name__ == "__main__":
    main()
