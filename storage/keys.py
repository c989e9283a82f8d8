"""SECRET_KEYS: the keys outside the database, which wrap the data keys in it; and how a value is sealed."""

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import Tampered, WrongKeys

FORMAT = 1  # the first byte of every sealed value
NONCE = 12
SHORTEST = 32


def new_secret_key() -> str:
    """A fresh key for SECRET_KEYS: 32 random bytes in urlsafe base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())


class KeyRing:
    """The secret keys, newest first. Any strings of at least 32 characters; the newest wraps, all unwrap."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        if not secret_keys:
            raise ValueError("at least one secret key is needed")
        if any(len(key) < SHORTEST for key in secret_keys):
            raise ValueError(f"a secret key must have at least {SHORTEST} characters")
        self._keys = {
            _derive(key, b"xiangban key name")[:8].hex(): AESGCM(_derive(key, b"xiangban wrapping"))
            for key in secret_keys
        }
        self.names = tuple(self._keys)  # newest first; a name tells nothing about its key
        self.newest = self.names[0]

    def wrap(self, key: bytes, name: str) -> bytes:
        """``key`` under the newest secret key, bound to the ``name`` that it is kept by."""
        nonce = os.urandom(NONCE)
        return nonce + self._keys[self.newest].encrypt(nonce, key, b"key|" + name.encode())

    def unwrap(self, wrapped: bytes, name: str, by: str) -> bytes:
        """The inverse; ``by`` names the secret key. Raises `WrongKeys`, `Tampered`."""
        kek = self._keys.get(by)
        if kek is None:
            raise WrongKeys("SECRET_KEYS does not hold the key that this database was written with")
        try:
            return kek.decrypt(wrapped[:NONCE], wrapped[NONCE:], b"key|" + name.encode())
        except InvalidTag:
            raise Tampered(f"the data key {name} was altered") from None


class Digest:
    """HMAC-SHA256 under one key. The two halves that depend on the key alone are made once: a quarter of the
    time of `hmac.digest`.
    """

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(64, b"\0")
        if len(padded) != 64:
            raise ValueError("a key of at most 64 bytes")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def __call__(self, data: bytes) -> bytes:
        """32 bytes."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()


class DataKey:
    """One data key: seals values so that they open only in the place that they were sealed for."""

    __slots__ = ("_aead", "_head", "no")

    def __init__(self, no: int, key: bytes) -> None:
        self.no = no
        self._aead = AESGCM(key)
        self._head = bytes((FORMAT,)) + no.to_bytes(4, "big")

    def seal(self, plain: bytes, place: bytes) -> bytes:
        """Version byte, key number, nonce, cipher text; ``place`` (table, column, row) is bound in."""
        nonce = os.urandom(NONCE)
        return self._head + nonce + self._aead.encrypt(nonce, plain, place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """What was sealed. Raises `Tampered` if it was altered or comes from another place."""
        try:
            return self._aead.decrypt(sealed[5 : 5 + NONCE], sealed[5 + NONCE :], place)
        except InvalidTag:
            raise Tampered("a sealed value was altered or moved") from None


def key_number(sealed: bytes) -> int:
    """By which data key a value was sealed."""
    if len(sealed) < 5 + NONCE + 16 or sealed[0] != FORMAT:
        raise Tampered("a sealed value was cut or is of an unknown format")
    return int.from_bytes(sealed[1:5], "big")
