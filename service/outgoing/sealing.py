"""Secrets of destinations, sealed with a key made from AUTOCODER_SECRET_KEY: a copy of the database alone
does not open them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken

from service.config import Settings


class CannotUnseal(Exception):
    """AUTOCODER_SECRET_KEY is not the one that sealed this secret: give the destination a new one."""


def seal(settings: Settings, secret: str) -> bytes:
    return _fernet(settings).encrypt(secret.encode())


def unseal(settings: Settings, sealed: bytes) -> str:
    """
    Raises:
        CannotUnseal: it was sealed with another key.
    """
    try:
        return _fernet(settings).decrypt(sealed).decode()
    except InvalidToken:
        raise CannotUnseal from None


def _fernet(settings: Settings) -> Fernet:
    key = b"secrets of destinations\n" + settings.secret_key.get_secret_value().encode()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key).digest()))
