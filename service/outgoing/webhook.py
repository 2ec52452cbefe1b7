"""A finalised coding as signed JSON, by the scheme of Standard Webhooks.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each secret that
is in force, separated by spaces. The id is the same at every attempt; the timestamp is that of the attempt.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence

from service.episodes.schemas import CodingOut
from service.outgoing.destinations import SECRET_PREFIX
from service.outgoing.final import FinalCoding

MEDIA_TYPE = "application/json"


def event(final: FinalCoding, coding: CodingOut, message_id: str) -> bytes:
    row, decision = final.episode, final.decision
    content = {
        "id": message_id,
        "type": "coding.corrected" if final.is_correction else "coding.finalised",
        "timestamp": final.at.isoformat(),
        "data": {
            "provider": final.provider.code,
            "episode": row.id,
            "spell_number": row.spell_number,
            "episode_number": row.episode_number or None,
            "coding_version": final.version,
            "decision": decision.id,
            "automated": decision.actor_kind == "gate",
            "role": decision.actor_role,
            "model": decision.model,
            "standards": decision.standards,
            "tables": decision.tables,
            "coding": coding.model_dump(mode="json"),
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def signature_headers(message_id: str, timestamp: int, body: bytes, secrets: Sequence[str]) -> dict[str, str]:
    """
    Args:
        timestamp: seconds since 1970.
        secrets: those in force, as they were shown when they were made.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    made = (hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))
