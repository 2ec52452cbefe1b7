"""Coded documents: the JSONL that training, gold and corrections share, and the corpus that ships."""

from data.corpora.checking import corpus_problems
from data.corpora.coded_documents import (
    CodeForm,
    coded_document_json,
    read_coded_documents,
    stored_form,
    write_coded_documents,
)
from data.corpora.shipped import Split, shipped_corpus
from data.corpora.treatment_functions import read_treatment_functions

__all__ = [
    "CodeForm",
    "Split",
    "coded_document_json",
    "corpus_problems",
    "read_coded_documents",
    "read_treatment_functions",
    "shipped_corpus",
    "stored_form",
    "write_coded_documents",
]
