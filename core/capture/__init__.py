"""A phone that was read wrong, as a file without its holder's data.

The raw answers of one check are kept while it runs, made anonymous, and written as text that a person can read line by
line; such a file plays as a practice phone, which is read as the phone itself was.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.capture import making, playing

__all__ = ["making", "playing"]


def __getattr__(name: str) -> Any:
    """What makes and plays a capture is loaded with the first one: no desk needs it at its start."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
