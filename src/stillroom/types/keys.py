"""Secret keys: named in a recipe by where they are, and never written there."""

from __future__ import annotations

import os
from pathlib import Path

from stillroom.types.errors import StillroomError

KEY_BYTES = 32


def read_key(file: str | None, variable: str | None, error: type[StillroomError]) -> bytes:
    """Read a key of 32 bytes from a file, or else from an environment variable.

    Args:
        file: its path; None where the variable holds the key.
        variable: the variable's name.
        error: what to raise.

    Raises:
        StillroomError: as ``error``: there is no key there, or it is not 64 hexadecimal digits.
    """
    place = f"file {file}" if file else f"variable {variable}"
    try:
        key = bytes.fromhex(_text(file, variable).strip())
    except (OSError, KeyError) as missing:
        raise _no_key(f"no key in {place} ({type(missing).__name__})", error) from missing
    except ValueError:
        raise _no_key(f"the key in {place} is not hexadecimal", error) from None
    if len(key) != KEY_BYTES:
        raise _no_key(f"the key in {place} has {len(key)} bytes", error)
    return key


def _text(file: str | None, variable: str | None) -> str:
    if file is not None:
        return Path(file).expanduser().read_text(encoding="ascii")
    return os.environ[variable or ""]


def _no_key(got: str, error: type[StillroomError]) -> StillroomError:
    return error(got, f"{2 * KEY_BYTES} hexadecimal digits", "make one with `openssl rand -hex 32`")
