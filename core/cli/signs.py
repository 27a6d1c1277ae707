"""The signs beside the colours. Not in :mod:`core.cli.terminal`, which a command has that knows no phone."""

from __future__ import annotations

from typing import Final

from core.model import Light, Strength, Verdict

#: A sign beside the colour, for those who cannot see it and for paper.
SIGNS: Final = {Verdict.RED: "✖", Verdict.AMBER: "?", Verdict.GREEN: "✔"}
STRENGTH_SIGNS: Final = {Strength.BAN: "✖", Strength.RECOMMENDATION: "!", Strength.NOTICE: "i", Strength.REVIEW: "?"}
LIGHT_SIGNS: Final = {
    Light.RED: "✖",
    Light.AMBER: "!",
    Light.NOT_KNOWN: "?",
    Light.INFORMATION: "i",
    Light.GREEN: "✔",
}
