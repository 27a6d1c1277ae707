"""What is under way with a phone."""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """What is under way with a phone."""

    RESTING = "resting"
    WAITING = "waiting"
    OPENING = "opening"
    ASKED = "asked"
    READING = "reading"
    LOOKING = "looking"
    REMOVING = "removing"
    UNDOING = "undoing"
