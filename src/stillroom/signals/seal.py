"""Records that only the holder of a key can read.

AES-256-GCM for each record, bound to its name. The nonce is an HMAC of the record, so that equal content gives equal
bytes and no nonce serves two records. Names are an HMAC of the content key: without the key nobody can test whether a
text was among those recorded. What stays visible: the number of rows, their lengths, the teacher's fingerprint.
"""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from stillroom.signals.recording import NAME_BYTES
from stillroom.signals.settings import EncryptionSettings
from stillroom.types import MissingExtraError, SignalError
from stillroom.types.keys import read_key

_NONCE_BYTES, _TAG_BYTES = 12, 16


class Seal(Protocol):
    """How records lie in a shard.

    Attributes:
        check: tells a wrong key, in hexadecimal; None where there is no key.
        extra_bytes: by how much a closed record is longer.
    """

    check: str | None
    extra_bytes: int

    def name(self, key: bytes) -> bytes:
        """The name in a shard of a content key."""

    def close(self, raw: Tensor, name: bytes) -> Tensor:
        """The bytes that are written."""

    def open(self, raw: Tensor, name: bytes) -> Tensor:
        """The bytes that were closed."""


class Clear:
    """Records as they are."""

    check: str | None = None
    extra_bytes = 0

    def name(self, key: bytes) -> bytes:
        """Return the content key."""
        return key

    def close(self, raw: Tensor, name: bytes) -> Tensor:
        """Return the record."""
        return raw

    def open(self, raw: Tensor, name: bytes) -> Tensor:
        """Return the record."""
        return raw


class Sealed:
    """Records under a key of 32 bytes.

    Raises:
        MissingExtraError: the package ``cryptography`` is not installed.
    """

    extra_bytes = _NONCE_BYTES + _TAG_BYTES

    def __init__(self, secret: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise MissingExtraError.of("cryptography", "encryption") from error
        self._cipher = AESGCM(_hmac(secret, b"records"))
        self._names, self._nonces = _hmac(secret, b"names"), _hmac(secret, b"nonces")
        self.check: str | None = _hmac(secret, b"check").hex()

    def name(self, key: bytes) -> bytes:
        """Hide the content key."""
        return _hmac(self._names, key)[:NAME_BYTES]

    def close(self, raw: Tensor, name: bytes) -> Tensor:
        """Encrypt: 28 bytes more than the record."""
        plain = raw.numpy().tobytes()
        nonce = _hmac(self._nonces, name + plain)[:_NONCE_BYTES]
        return _tensor(nonce + self._cipher.encrypt(nonce, plain, name))

    def open(self, raw: Tensor, name: bytes) -> Tensor:
        """Decrypt, in memory only.

        Raises:
            SignalError: the record was changed, or belongs to another row.
        """
        from cryptography.exceptions import InvalidTag

        data = raw.numpy().tobytes()
        try:
            return _tensor(self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], name))
        except InvalidTag as error:
            raise SignalError(
                "an encrypted record does not open with its row's name",
                "the record as it was written",
                "purge the signals and collect them again",
            ) from error


def seal_of(settings: EncryptionSettings | None) -> Seal:
    """Read the key that the settings name, if they name one.

    Raises:
        SignalError: there is no key where they say, or it is not 64 hexadecimal digits.
        MissingExtraError: the package ``cryptography`` is not installed.
    """
    if settings is None:
        return Clear()
    return Sealed(read_key(settings.key_file, settings.key_variable, SignalError))


def same_key_or_refuse(folder: Path, check: str | None, seal: Seal) -> None:
    """Compare a store's key with ours.

    Args:
        folder: the store, for the message.
        check: the store's ``key_check``.
        seal: ours.

    Raises:
        SignalError: the key is another one, is missing, or is not needed.
    """
    if check == seal.check:
        return
    if check is None:
        got, expected = f"{folder} is not encrypted", "signals encrypted with the key of `signals.encryption`"
    elif seal.check is None:
        got, expected = f"{folder} is encrypted", "the key, named by `signals.encryption`"
    else:
        got, expected = f"the key does not open {folder}", "the key that it was recorded with"
    raise SignalError(got, expected, "name the right key, or purge the signals and collect them again")


def _hmac(secret: bytes, message: bytes) -> bytes:
    return hmac.digest(secret, message, "sha256")


def _tensor(data: bytes) -> Tensor:
    return torch.from_numpy(np.frombuffer(data, dtype=np.uint8).copy())
