"""Passwords that the program must read again: encrypted, with a key derived from SECRET_KEY.

A dump of the database shows none of them. After a change of SECRET_KEY they cannot be read, and
people enter them again.
"""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

from catalog.exceptions import SealBroken


def sealed(text: str) -> str:
    """`text`, encrypted; the same text is another each time. Empty stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def unsealed(token: str) -> str:
    """The text that was sealed. Raises `SealBroken` where another SECRET_KEY sealed it."""
    try:
        return _box().decrypt(token).decode() if token else ""
    except InvalidToken as error:
        raise SealBroken("The password cannot be read any more: enter it again.") from error


def _box() -> Fernet:
    key = salted_hmac("catalog.sealing", "", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))
