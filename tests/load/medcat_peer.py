"""MedCAT beside the day-one model: the same titles, the same texts, in MedCAT's own environment.

    python3 -m venv var/medcat && var/medcat/bin/pip install "torch<=2.13.0" medcat
    .venv/bin/python -m tests.load.medcat_peer --make-concepts --concepts C.csv --index-terms TERMS.tsv
    var/medcat/bin/python tests/load/medcat_peer.py --concepts C.csv --input NOTES.jsonl --output CODES.jsonl
    .venv/bin/autocoder evaluate --corpus NOTES.jsonl --predictions CODES.jsonl

Concepts are our titles and the terms of ../shared/data/codes/index_terms.tsv. Provider `regex`: no spaCy
model, nothing is fetched. A code is predicted where MedCAT finds a mention; untrained, it knows no negation.
"""

import argparse
import csv
import json
import time
from pathlib import Path
from typing import Any

_WARM = 20
"""Documents that are coded before the clock starts."""


def main() -> None:
    asked = _arguments()
    if asked.make_concepts:
        _write_concepts(asked.concepts, asked.index_terms)
        return
    cat = _build(asked.concepts)
    lines = asked.input.read_text(encoding="utf-8").splitlines()
    for line in lines[:_WARM]:
        _predict(cat, json.loads(line))
    started, processor = time.perf_counter(), time.process_time()
    with asked.output.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(json.dumps(_predict(cat, json.loads(line))) + "\n")
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    speed = f"{len(lines) / seconds:.1f} a second, {len(lines) / processor:.1f} a second of processor"
    print(f"MedCAT: {len(lines)} documents in {seconds:.1f} s, {speed}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--concepts", type=Path, required=True)
    parser.add_argument("--make-concepts", action="store_true")
    parser.add_argument("--index-terms", type=Path)
    parser.add_argument("--input", type=Path)
    parser.add_argument("--output", type=Path)
    return parser.parse_args()


def _write_concepts(path: Path, index_terms: Path | None) -> None:
    """Titles of both classifications, and the alphabetical index where it is given."""
    from data.classifications import load_classification

    icd10, opcs4 = load_classification("icd10"), load_classification("opcs4")
    rows = [(f"D:{e.code}", e.title) for e in icd10.assignable() if e.title]
    rows += [(f"P:{e.code}", e.title) for e in opcs4.assignable() if e.title]
    if index_terms is not None:
        with index_terms.open(encoding="utf-8") as file:
            found = ((icd10.get(row["code"]), row["term"]) for row in csv.DictReader(file, delimiter="\t"))
            rows += [(f"D:{entry.code}", term) for entry, term in found if entry and entry.assignable]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("cui", "name"))
        writer.writerows(sorted(set(rows)))
    print(f"{len(set(rows))} names of {len({cui for cui, _ in rows})} concepts")


def _build(concepts: Path) -> Any:
    from medcat.cat import CAT
    from medcat.config import Config
    from medcat.model_creation.cdb_maker import CDBMaker
    from medcat.vocab import Vocab

    config = Config()
    config.general.nlp.provider = "regex"
    config.components.ner.min_name_len = 3
    config.components.linking.train = False
    config.components.linking.disamb_length_limit = 1
    config.components.linking.similarity_threshold = -1.0
    cdb = CDBMaker(config).prepare_csvs([str(concepts)])
    return CAT(cdb, Vocab(), config)


def _predict(cat: Any, document: dict[str, Any]) -> dict[str, Any]:
    texts = [document["text"]] if "text" in document else [item["text"] for item in document["documents"]]
    found: dict[str, list[str]] = {"D": [], "P": []}
    for text in texts:
        for entity in cat.get_entities(text)["entities"].values():
            role, _, code = entity["cui"].partition(":")
            if code not in found[role]:
                found[role].append(code)
    return {"id": document["id"], "diagnoses": found["D"], "procedures": found["P"]}


if __name__ == "__main__":
    main()
