"""The key that surrogates and shifts are drawn with."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.types import DataError
from stillroom.types.keys import read_key


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
    return Draw(read_key(settings.key_file, settings.key_variable, DataError))
