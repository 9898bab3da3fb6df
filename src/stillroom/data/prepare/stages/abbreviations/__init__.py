"""Abbreviations: written out where they mean one thing, or where what stands around them decides."""

from stillroom.data.prepare.stages.abbreviations.stage import Abbreviations

__all__ = ["Abbreviations"]
