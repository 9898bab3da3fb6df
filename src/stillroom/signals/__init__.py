"""The teacher's knowledge: recorded once, found by content, exact at any temperature."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.signals.collect import collect as collect
    from stillroom.signals.store import SignalStore as SignalStore

__getattr__, __dir__, __all__ = lazy(__name__, {"SignalStore": "store", "collect": "collect"})
