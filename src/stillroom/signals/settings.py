"""Settings of what is recorded of the teacher."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class SignalSettings(Settings):
    """Which of the teacher's knowledge is recorded."""

    hidden_states: bool = Field(
        description="also record the hidden states of the mapped layers at response positions (for a hidden-state loss)"
    )
