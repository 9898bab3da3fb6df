"""Nothing leaves the machine: no hub, no telemetry, unless the user has decided otherwise.

And one progress bar at a time: libraries keep theirs to themselves.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

OFFLINE: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


def go_offline() -> None:
    """Set the switches of every library the project uses; call it before they are imported.

    A switch that the user has set already is left as it is.
    """
    for name, value in OFFLINE.items():
        os.environ.setdefault(name, value)
