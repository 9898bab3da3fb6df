"""The key that surrogates and shifts are drawn with."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.types import DataError

_KEY_BYTES = 32


@dataclass(frozen=True)
class Draw:
    """Numbers that depend on a key and on what they are drawn for, and on nothing else.

    Without the key they tell nothing of what they were drawn for (HMAC-SHA-256).
    """

    _key: bytes = field(repr=False)

    def below(self, limit: int, *parts: str) -> int:
        """A number in ``[0, limit)``."""
        return int.from_bytes(self.bytes_of(16, *parts)) % limit

    def bytes_of(self, count: int, *parts: str) -> bytes:
        """So many bytes."""
        message = "\x1f".join(parts).encode()
        blocks = (
            hmac.digest(self._key, bytes([block]) + message, "sha256") for block in range(-(-count // 32))
        )
        return b"".join(blocks)[:count]


def draw_of(settings: DeidentifySettings) -> Draw | None:
    """Read the key that the settings name; None where they name none.

    Raises:
        DataError: there is no key where they say, or it is not 64 hexadecimal digits.
    """
    if settings.key_file is None and settings.key_variable is None:
        return None
    place = f"file {settings.key_file}" if settings.key_file else f"variable {settings.key_variable}"
    try:
        key = bytes.fromhex(_text(settings).strip())
    except (OSError, KeyError) as error:
        raise _no_key(f"no key in {place} ({type(error).__name__})") from error
    except ValueError:
        raise _no_key(f"the key in {place} is not hexadecimal") from None
    if len(key) != _KEY_BYTES:
        raise _no_key(f"the key in {place} has {len(key)} bytes")
    return Draw(key)


def _text(settings: DeidentifySettings) -> str:
    if settings.key_file is not None:
        return Path(settings.key_file).expanduser().read_text(encoding="ascii")
    return os.environ[settings.key_variable or ""]


def _no_key(got: str) -> DataError:
    return DataError(got, f"{2 * _KEY_BYTES} hexadecimal digits", "make one with `openssl rand -hex 32`")
