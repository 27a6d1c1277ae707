"""Which column of a list has what: proposed from its heading, chosen by an officer once, and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec

from core.rounds.roster.identifiers import imei_of
from core.rounds.roster.tables import RosterProblem, RosterTable, Sheet
from core.system.files.files import read_file, write_private
from core.text import T

FILE_NAME: Final = "roster-columns.json"
#: Headings that are remembered, the newest last.
MOST_REMEMBERED: Final = 50
_FILE_LIMIT: Final = 256 * 1024
#: First lines among which the heading is looked for: a title and a date may stand above it.
_HEADING_LINES: Final = 20
#: Lines by which a column without a heading is known to be of IMEIs.
_SAMPLE: Final = 50


class RosterColumn(StrEnum):
    """What a column can have, by the names of :class:`core.rounds.model.RosterLine`."""

    SERIAL = "serial"
    IMEI = "imei"
    TAG = "tag"
    HOLDER = "holder"
    UNIT = "unit"


COLUMN_NAMES: Final = {
    RosterColumn.SERIAL: T("Serial number"),
    RosterColumn.IMEI: T("IMEI"),
    RosterColumn.TAG: T("Asset tag"),
    RosterColumn.HOLDER: T("Holder"),
    RosterColumn.UNIT: T("Unit"),
}
#: Those by which a phone is known: a list must have one of them.
IDENTIFYING: Final = (RosterColumn.SERIAL, RosterColumn.IMEI, RosterColumn.TAG)

#: What columns are called, as :func:`_words` makes it of a heading; the first is the surest. Among them are those of
#: Microsoft Intune's and Jamf Pro's exports.
_HEADINGS: Final[dict[RosterColumn, tuple[str, ...]]] = {
    RosterColumn.SERIAL: (
        "serial number", "serialnumber", "device serial number", "phone serial number", "hardware serial number",
        "serial no", "serial num", "serial", "s n", "sn", "n s",
        "numero de serie", "n de serie", "no de serie", "num de serie", "numero serie", "no serie", "n serie", "serie",
    ),
    RosterColumn.IMEI: (
        "imei", "imei 1", "imei1", "imei number", "imei no", "primary imei", "imei meid",
        "numero imei", "n imei", "no imei", "code imei",
    ),
    RosterColumn.TAG: (
        "asset tag", "assettag", "asset tag number", "asset number", "asset no", "asset id", "asset",
        "inventory number", "inventory no", "property tag", "barcode", "bar code", "tag",
        "etiquette", "etiquette d inventaire", "etiquette de bien", "numero d etiquette", "n d etiquette",
        "no d etiquette", "numero d inventaire", "n d inventaire", "no d inventaire", "numero de bien",
        "numero d actif", "n de bien", "no de bien", "code a barres", "code barres",
    ),
    RosterColumn.HOLDER: (
        "holder", "holder name", "assigned to", "assigned user", "primary user display name", "user display name",
        "full name", "primary user", "user name", "username", "user", "custodian", "employee name", "employee",
        "name", "owner", "primary user upn", "user principal name", "upn", "primary user email address",
        "email address", "email", "e mail",
        "detenteur", "detentrice", "detenteur detentrice", "nom du detenteur", "titulaire", "utilisateur principal",
        "nom d utilisateur", "nom de l utilisateur", "utilisateur", "attribue a", "assigne a", "affecte a",
        "nom de l employe", "employe", "employee e", "nom complet", "nom et prenom", "nom", "adresse courriel",
        "courriel",
    ),
    RosterColumn.UNIT: (
        "unit", "unit name", "organizational unit", "business unit", "directorate", "division", "department", "branch",
        "sector", "section", "team", "organization", "organisation", "cost centre", "cost center", "office", "group",
        "unite", "unite administrative", "unite organisationnelle", "direction", "direction generale", "secteur",
        "service", "equipe", "ministere", "centre de couts", "bureau", "groupe",
    ),
}  # fmt: skip
#: A heading that has one of these words among others is of that column too, if no heading is surely.
_TELLING: Final = {"imei": RosterColumn.IMEI, "serial": RosterColumn.SERIAL, "serie": RosterColumn.SERIAL}
_RANKS: Final = {words: (column, rank) for column, every in _HEADINGS.items() for rank, words in enumerate(every)}
_TELLING_RANK: Final = 1_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a list has what: `places` are the numbers of columns, the first is 0.

    `heading` is the line of the heading as it stands in the file, and `heading_line` its number; 0 where the list has
    no heading, and its first line is of a phone. `remembered`: an officer has chosen them for this heading before.
    """

    heading_line: int
    heading: tuple[str, ...] = ()
    places: Mapping[RosterColumn, int] = field(default_factory=lambda: MappingProxyType({}))
    remembered: bool = False


def propose_sheet(table: RosterTable, data: Path | None = None) -> int:
    """The number, from 0, of the sheet that looks most like a list of phones; a hidden one only if no other does.

    `data` is the folder in which columns are remembered.
    """
    order = sorted(range(len(table.sheets)), key=lambda number: table.sheets[number].hidden)
    like = (n for n in order if any(c in propose(table.sheets[n], data).places for c in IDENTIFYING))
    full = (n for n in order if table.sheets[n].rows)
    return next(like, next(full, order[0]))


def propose(sheet: Sheet, data: Path | None = None) -> Columns:
    """The columns as they were chosen for this heading before, else as the heading's words say; for an officer to look
    at. Where no word is known the list is taken to have no heading: a first phone is not lost that way.
    """
    remembered = _load(data) if data is not None else {}
    first = sheet.rows[:_HEADING_LINES]
    for row in first:
        places = remembered.get(_fingerprint(row.cells)) if row.cells else None
        if places is not None and all(place < len(row.cells) for place in places.values()):
            return Columns(row.line, row.cells, MappingProxyType(places), remembered=True)
    best = Columns(0)
    for row in first:
        places = _places(row.cells)
        if any(column in places for column in IDENTIFYING) and len(places) > len(best.places):
            best = Columns(row.line, row.cells, MappingProxyType(places))
    return best if best.places else Columns(0, places=MappingProxyType(_by_content(sheet)))


def choose(columns: Columns, places: Mapping[RosterColumn, int]) -> Columns:
    """These columns with the places that an officer has chosen. Raises RosterProblem as :func:`require` does."""
    chosen = replace(columns, places=MappingProxyType(dict(places)), remembered=False)
    require(chosen)
    return chosen


def require(columns: Columns) -> None:
    """Raise RosterProblem where a phone would not be known by these columns, or one column stands for two things."""
    if not any(column in columns.places for column in IDENTIFYING):
        raise RosterProblem(
            T("It is not known which column has the serial number, the IMEI or the asset tag."),
            T("Choose the sheet and the columns, at least one of these three, then try again."),
        )
    if len(set(columns.places.values())) < len(columns.places):
        raise RosterProblem(
            T("One column is chosen for two things."), T("Choose another column for one of them, then try again.")
        )
    if columns.heading_line and any(not 0 <= place < len(columns.heading) for place in columns.places.values()):
        raise RosterProblem(
            T("The list does not have all columns that are chosen."), T("Choose the columns again, then try again.")
        )


def remember(data: Path, columns: Columns) -> None:
    """Keep the columns for the next list with this heading, in the data folder.

    Never raises: without its file, an officer is asked again. A list without a heading is not remembered.
    """
    if not columns.heading_line:
        return
    remembered = _load(data)
    mark = _fingerprint(columns.heading)
    remembered.pop(mark, None)
    remembered[mark] = dict(columns.places)
    newest = dict(list(remembered.items())[-MOST_REMEMBERED:])
    with contextlib.suppress(OSError):
        write_private(data / FILE_NAME, msgspec.json.encode(newest))


def _load(data: Path) -> dict[str, dict[RosterColumn, int]]:
    """The columns that are remembered, by the fingerprint of their heading; none where they cannot be read."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        remembered = msgspec.json.decode(
            read_file(data / FILE_NAME, _FILE_LIMIT), type=dict[str, dict[RosterColumn, int]]
        )
        return {mark: places for mark, places in remembered.items() if all(place >= 0 for place in places.values())}
    return {}


def _fingerprint(heading: Sequence[str]) -> str:
    """The SHA-256 of a heading's words: their order matters, capitals and accents do not."""
    return hashlib.sha256("\n".join(map(_words, heading)).encode("utf-8", "surrogatepass")).hexdigest()


def _words(heading: str) -> str:
    """A heading in small letters without accents, its words with one space between: of "userDisplayName" three."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200])
    # The sign for "numéro" is two letters otherwise, or none: N° and Nº, № and #.
    parted = re.sub("[°º#№]", lambda match: " no " if match[0] in "#№" else " ", parted)
    plain = "".join(c for c in unicodedata.normalize("NFKD", parted) if not unicodedata.combining(c)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def _places(cells: Sequence[str]) -> dict[RosterColumn, int]:
    """What the words of a heading say: of each column the surest place, and of equally sure ones the first."""
    ranked: dict[RosterColumn, tuple[int, int]] = {}
    for place, cell in enumerate(cells):
        words = _words(cell)
        ranking = _RANKS.get(words)
        if ranking is None:
            telling = next((_TELLING[word] for word in words.split() if word in _TELLING), None)
            ranking = (telling, _TELLING_RANK) if telling is not None and len(words.split()) <= 5 else None
        if ranking is not None:
            column, rank = ranking
            ranked[column] = min(ranked.get(column, (rank, place)), (rank, place))
    return {column: ranked[column][1] for column in RosterColumn if column in ranked}


def _by_content(sheet: Sheet) -> dict[RosterColumn, int]:
    """The column of a list without a heading in which most cells are IMEIs, if there is one."""
    rows = [row for row in sheet.rows[:_SAMPLE] if row.cells]
    for place in range(max((len(row.cells) for row in rows), default=0)):
        cells = [row.cells[place] for row in rows if place < len(row.cells)]
        if sum(len(cell) < 40 and bool(imei_of(cell).digits) for cell in cells) * 2 > len(rows):
            return {RosterColumn.IMEI: place}
    return {}
