"""De-identification: what points at a person is found by pattern, dictionary and context, and replaced."""

from stillroom.data.prepare.stages.deidentify.stage import Deidentify

__all__ = ["Deidentify"]
