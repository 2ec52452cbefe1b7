"""The audit record: one hash chain a provider, written in the transaction of what it records.

Each link holds sha256(previous hash + canonical JSON of its own fields). A changed, removed, reordered or
inserted link breaks the chain; a cut tail is missing from the head. What the links vouch for is compared with
the rows: every decision, every suggestion with its lines, every version of a document, every blind audit that
is done, every switch of automation, every entry of the register of clinicians and its policies, every
attribution and declaration.

Links hold digests, never text. Of quoted words and of the text of a document they cover the sha256, so words
can be erased and the chain still verifies: the row or the JSON object keeps the sha256 beside the emptied
field (`text` and `text_digest`, `reason` and `reason_digest`, `note` and `note_digest`).

Out of scope: the row of an episode (patient facts, status, claim) changes in the normal course of work and is
not compared with its links. The coding that stands is folded from decisions and suggestions, not read there.
"""

from service.audit.chain import GENESIS, canonical_json, digest, record, record_documents
from service.audit.contents import decision_content, suggestion_content
from service.audit.verification import ChainReport, NotedHead, verify

__all__ = [
    "GENESIS",
    "ChainReport",
    "NotedHead",
    "canonical_json",
    "decision_content",
    "digest",
    "record",
    "record_documents",
    "suggestion_content",
    "verify",
]
