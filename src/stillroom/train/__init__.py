"""The training loop, its objective, its budget and its checkpoints."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.train.fit import HARD_LABELS as HARD_LABELS
    from stillroom.train.fit import fit as fit
    from stillroom.train.objective import ObjectiveSettings as ObjectiveSettings
    from stillroom.train.settings import DivergenceGuardSettings as DivergenceGuardSettings
    from stillroom.train.settings import EarlyStoppingSettings as EarlyStoppingSettings
    from stillroom.train.settings import LoraSettings as LoraSettings
    from stillroom.train.settings import TrainSettings as TrainSettings

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "DivergenceGuardSettings": "settings",
        "EarlyStoppingSettings": "settings",
        "HARD_LABELS": "fit",
        "LoraSettings": "settings",
        "ObjectiveSettings": "objective",
        "TrainSettings": "settings",
        "fit": "fit",
    },
)
