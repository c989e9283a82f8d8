"""A PIN is kept as a slow salted hash of its keyed digest, so that few digits are not soon tried out."""

import hmac
import os

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

_COST = {"n": 2**14, "r": 8, "p": 1}  # about 40 ms and 16 MB
_SALT, _LENGTH = 16, 32


def hashed(secret: bytes) -> str:
    """What is kept of a PIN; ``secret`` is its keyed digest."""
    salt = os.urandom(_SALT)
    return f"scrypt${salt.hex()}${_slow(secret, salt).hex()}"


def fits(secret: bytes, kept: str) -> bool:
    """Whether ``kept`` was made of the same PIN. False for whatever is no hash of ours."""
    name, _, rest = kept.partition("$")
    salt, _, digest = rest.partition("$")
    if name != "scrypt" or len(salt) != 2 * _SALT:
        return False
    return hmac.compare_digest(_slow(secret, bytes.fromhex(salt)).hex(), digest)


def _slow(secret: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_LENGTH, **_COST).derive(secret)
