"""Lists of phones as departments send them, made here: CSV, and workbooks of every kind."""

from __future__ import annotations

import base64
import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import openpyxl

from core.jobs import Cancel
from core.rounds.roster import columns
from core.rounds.roster.roster import RosterReading, read_roster
from core.rounds.roster.tables import RosterTable, parse_table

WHEN: Final = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HEADING: Final = ("Serial number", "IMEI", "Asset tag", "Holder", "Unit")
#: A valid IMEI, as many makers' manuals print it.
IMEI: Final = "356938035643809"

Cells = Sequence[Any]


def table(data: bytes | str, name: str = "list.csv") -> RosterTable:
    """The file, read."""
    return parse_table(data.encode() if isinstance(data, str) else data, name, Cancel())


def reading(data: bytes | str, name: str = "list.csv") -> RosterReading:
    """The roster of a file by the columns that are proposed."""
    found = table(data, name)
    sheet = found.sheets[columns.propose_sheet(found)]
    return read_roster(found, sheet, columns.propose(sheet), WHEN, Cancel())


def of_lines(*lines: str) -> RosterReading:
    """The roster of these lines of CSV below the usual heading, which is line 1."""
    return reading("\n".join((",".join(HEADING), *lines)) + "\n")


def csv_file(rows: Iterable[Cells], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV file as Excel writes it."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode(encoding)


def xlsx(sheets: dict[str, Iterable[Cells]], hidden: Sequence[str] = (), **patches: str) -> bytes:
    """A workbook. `hidden` are the names of sheets that are; `patches` are the values that were saved with formulas,
    by the formula.
    """
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    file = io.BytesIO()
    book.save(file)
    return with_parts(file.getvalue(), {}, patches)


def with_parts(data: bytes, parts: dict[str, bytes], patches: dict[str, str] | None = None) -> bytes:
    """A zip file with other or further parts, and with texts replaced in all."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *parts.keys() - set(old.namelist())]:
            content = parts[name] if name in parts else old.read(name)
            for text, instead in (patches or {}).items():
                content = content.replace(f"<f>{text}</f><v></v>".encode(), f"<f>{text}</f><v>{instead}</v>".encode())
                content = content.replace(f"<f>{text}</f><v />".encode(), f"<f>{text}</f><v>{instead}</v>".encode())
            new.writestr(name, content)
    return file.getvalue()


def ods(rows: Iterable[Cells]) -> bytes:
    """An OpenDocument workbook of one sheet."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
        text = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    sheet = f'<table:table table:name="Phones">{body}</table:table>'
    content = f"<office:document-content{names}><office:body><office:spreadsheet>{sheet}"
    content += "</office:spreadsheet></office:body></office:document-content>"
    return _zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": content,
        }
    )


def xlsb(rows: Sequence[Cells]) -> bytes:
    """A binary workbook of one sheet: records of [MS-XLSB], each with its number, its length and its bytes."""
    book = _record(131) + _record(143) + _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Phones"))
    sheet = _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, 9)) + _record(145)
    for number, row in enumerate(rows):
        sheet += _record(0, struct.pack("<I", number) + bytes(13))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            is_number = isinstance(value, int | float)
            sheet += _record(5, place + struct.pack("<d", value)) if is_number else _record(6, place + _wide(value))
    links = "http://schemas.openxmlformats.org/"
    package = f"{links}package/2006/"
    kind = f"{links}officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}content-types"/>',
            "xl/workbook.bin": book + _record(144) + _record(132),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{package}relationships">{link}</Relationships>',
            "xl/worksheets/sheet1.bin": sheet + _record(146) + _record(130),
        }
    )


def _record(kind: int, body: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    assert len(body) < 128 * 128
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) & 127 | 128, len(body) >> 7])
    return number + length + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _zipped(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return file.getvalue()


def xls() -> bytes:
    """A workbook of Excel 97, made with xlwt 1.3: heading Serial, IMEI, Unit; R58M1 with IMEI as a number; a unit over
    two lines; R58M2 with the formula B2+1, of which no value was saved."""
    return zlib.decompress(base64.b85decode(_XLS))


_XLS: Final = (
    "c-rk)O=wd=5dQWhX?|$amzWBz5M$A*wU;VFFKx7>mI^7cB1#c7Z66w15{bF!#cIt_5IiYf3cYx#dhrKE>dk{v(Sslejp8AA5-NCT"
    "^PHWxsj24BfEIt=7j|~u?9S|DXJ+5e%lW{<^xc*Men1Z#D4AZ=RmcQ2Z}~z8jhm)q%e{x1Y2&Yg*F%A<bKz0LbGMA4jCTPV?l_+k"
    "1>RFTjx!j{q>acrqL+P03h6^PQGuHz@uQi&3NjsKx`F9!p81&RK9*cz+D&s8#4zTggY8`^i;rooJm!bAd!KdQvZNDDcqX&>!c}3-"
    "bzy%tm7Mr92g1&J%z)z7Z={WEa$*4?3g8UBm=R#HT&Z&rTfV+>0g``REq7OuU(=kxB+QeX;CV{OqQfe}#A&LxvrC9^L8^AxkU=Mv"
    "fq35lbw|>voC_G*+ZFE&0<l!q7|o?J>By;Kx=86@sKMPnd2n-~>#GXAfeWCX=olKA4{#aibd)dM`ur+Bl8ByQ$s`}{)-7P0^cp5E"
    "N)1x>^N3@GwzI}ArkB|2Cgxk1hA4TdZ%Z^O=D-xsxy++&w9X#J>*)3heh2aSPlq0a^B<x+iJ$E+oDa>uiB6-HZb@ULFMm_$5FO&i"
    "b%}@3axc_z@s4TpPe+GG)0OY0y3aLY89rtMOsy-qJ7VQZQ+p+~MHOwq+HyY}v_pcm_2I2Awj5mSwZ^3dr?Q|`v7oU97sqO|ijK9*"
    "rkdzQj113(1sqRkQ#9q&M>a3`T0@T(#64+?&c*NW!G;YRHf-3iVZ+A%2*HoC)`Poz7<H*v1GoCFvrMgIe<t~7F@y~La`a-_hcxwB"
    "oU18+Ho_&!w!|8B%HInmj?(H`jAMlT7_T{h>D5kD{+~4~>c6gpYF)oni=V%F{cl;n*hB"
)
