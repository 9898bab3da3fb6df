"""Tags: the specialty of a row, and how difficult it is."""

from stillroom.data.prepare.stages.tag.stage import Tag

__all__ = ["Tag"]
