"""Whether the lists of a desk's rounds know a phone's serial number, or an asset tag that was typed for it, otherwise.

A tag is what an officer types; a list is what the department has written. The newest list that speaks of a number or of
a tag is asked: a phone can get another tag from one round to the next.
"""

from __future__ import annotations

from pathlib import Path

from core.ledger.reader import LedgerReader
from core.rounds.roster import roster_file
from core.rounds.roster.identifiers import key_of
from core.rounds.rounds import recorded_rounds
from core.text import T, Text


def objection(ledger: LedgerReader, data: Path, serial: str, tag: str, *, practice: bool) -> Text | None:
    """Why the phone with this serial number does not have this asset tag, by the list of a round; None where no list
    says so. A list that cannot be read may say it. Raises LedgerProblem."""
    mine, typed = key_of(serial), key_of(tag)
    number_known = tag_known = False
    for known_round in recorded_rounds(ledger, practice=practice):
        if known_round.roster is None:
            continue
        try:
            lines = roster_file.load(data, known_round.about.id, known_round.roster.sha256).lines
        except roster_file.RosterFileProblem:
            return T(
                "The list of the round “{round}”, which may know the phone, cannot be read.",
                round=known_round.about.name,
            )
        pairs = [(key_of(line.serial), key_of(line.tag)) for line in lines if line.serial and line.tag]
        tags = {listed for number, listed in pairs if number == mine}
        numbers = {number for number, listed in pairs if listed == typed}
        if (tags and not number_known and typed not in tags) or (numbers and not tag_known and mine not in numbers):
            return T(
                "In the list of the round “{round}”, this asset tag is another phone’s.", round=known_round.about.name
            )
        number_known, tag_known = number_known or bool(tags), tag_known or bool(numbers)
        if number_known and tag_known:
            return None
    return None
