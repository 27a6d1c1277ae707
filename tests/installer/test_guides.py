"""The guides: true in both languages, and PDFs that can be printed, read aloud and built again byte by byte."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pypdfium2  # type: ignore[import-untyped]
import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from markdown_it.tree import SyntaxTreeNode

from core.cli import CANNOT_WRITE, parser
from core.desk import active_policy, app_names
from core.desk.settings import settings as core_settings
from core.desk.settings.settings import SettingsProblem
from core.desk.settings.settings_table import ROWS
from core.ledger.problems import LedgerProblem
from core.phones.driver import PhoneProblem
from core.policy.problems import PolicyProblem
from core.system.support import crash_files, support_log
from core.system.support.crash_files import Bug
from gui.startup import application, single_instance
from installer import catalogue, papers
from installer.papers import GUIDES, PaperError, PaperGuide
from tests.examples import examples
from tests.real.conftest import made_once

EPOCH: Final = 1_795_600_000
TOPICS: Final = (
    "administrator",
    "auditor",
    "conformance",
    "head-office",
    "lessons",
    "officer",
    "policy-signing",
    "privacy-assessment",
    "security",
    "threats",
    "troubleshooting",
)
#: What stands for something of the reader's: another word in each language.
PLACEHOLDER: Final = re.compile(r"(?<![\w%])[A-ZÀ-Ý][A-ZÀ-Ý_]{2,}(?=[\W\d]|$)")
#: What stands over a list of the chapters, squeezed.
CONTENTS: Final = {"en": "Contents", "fr": "Tabledesmatières"}
#: What stands for a value in a sentence of the catalogue.
VALUE: Final = re.compile(r"\{\w+\}")


def guide(name: str) -> PaperGuide:
    return next(one for one in papers.guides() if one.name == name)


#: The grammar of the command line, which takes a while to be made.
grammar = cache(parser)


def both(topic: str) -> tuple[PaperGuide, PaperGuide]:
    return guide(f"{topic}.en"), guide(f"{topic}.fr")


@cache
def tree(one: PaperGuide) -> list[SyntaxTreeNode]:
    """Every node of a guide, from the root down."""
    return list(SyntaxTreeNode(papers.markdown().parse(one.text)).walk())


def nodes(one: PaperGuide, *types: str) -> list[SyntaxTreeNode]:
    return [node for node in tree(one) if node.type in types]


def words(node: SyntaxTreeNode) -> str:
    """What a reader sees of a node."""
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return node.content if node.type in ("text", "code_inline") else "".join(map(words, node.children))


def table(one: PaperGuide, first: str) -> list[list[str]]:
    """The body of the last table whose first column is headed so."""
    for found in reversed(nodes(one, "table")):
        rows = [[words(cell) for cell in row.children] for part in found.children for row in part.children]
        if rows[0][0] == first:
            return rows[1:]
    raise AssertionError(f"{one.name} has no table {first}")


def anonymous(code: str) -> str:
    return PLACEHOLDER.sub("X", code)


def first_page_end(one: PaperGuide) -> str:
    """The last words of what stands before a guide's first chapter."""
    before = nodes(one, "root")[0].children
    chapter = next(number for number, node in enumerate(before) if node.tag == "h2")
    last = [node for node in before[chapter - 1].walk() if node.type == "inline"][-1]
    return words(last)[-40:]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = made_once(tmp_path_factory, "papers", lambda folder: papers.write(folder, "0.1.0", EPOCH))
    return [folder / f"{one.name}.pdf" for one in papers.guides()]


# --- what the guides say


def test_every_guide_is_there_in_both_languages() -> None:
    assert [one.name for one in papers.guides()] == [f"{t}.{language}" for t in TOPICS for language in ("en", "fr")]


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_parts_in_the_same_order(topic: str) -> None:
    def shape(one: PaperGuide) -> list[tuple[str, int]]:
        kinds = ("heading", "image", "table", "fence", "bullet_list", "ordered_list", "blockquote")
        return [
            (f"{node.type} {node.tag}", sum(part.type in ("tr", "td", "list_item") for part in node.walk()))
            for node in nodes(one, *kinds)
        ]

    english, french = both(topic)
    assert shape(english) == shape(french)


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_have_the_same_code_but_for_what_stands_for_something_of_the_readers(topic: str) -> None:
    def code(one: PaperGuide) -> tuple[list[str], set[str]]:
        blocks = [anonymous(node.content) for node in nodes(one, "fence")]
        said = {anonymous(node.content) for node in nodes(one, "code_inline")}
        return blocks, {code for code in said if not code.isalpha()}  # single words may be named in one language only

    english, french = both(topic)
    assert code(english) == code(french)


@pytest.mark.parametrize("topic", TOPICS)
def test_both_languages_leave_the_same_blanks(topic: str) -> None:
    english, french = (
        len([n for n in nodes(one, "strong") if re.fullmatch(r"\[.*\]", words(n))]) for one in both(topic)
    )
    assert english == french


def test_the_blanks_say_who_fills_them_in() -> None:
    for one in papers.guides():
        for node in nodes(one, "strong"):
            if words(node).startswith("["):
                assert re.match(r"\[(Department|Ministère)(:|\N{NO-BREAK SPACE}:|\])", words(node)), words(node)


def commands(one: PaperGuide) -> Iterator[str]:
    """What the blocks of code tell people to type of Fanion, with a day where a shell puts one in, and no file that it
    writes to."""
    for block in nodes(one, "fence"):
        if block.info:  # in the language of another program
            continue
        for line in block.content.replace("\\\n", " ").splitlines():
            found = re.search(r"(?:^|[\s\\])fanion(?:\.exe\")? (.+)", line)
            if found and not line.startswith(("sudo", "icacls")):
                command = found[1].removesuffix("'") if line.startswith("ExecStart=/bin/sh -c '") else found[1]
                yield re.sub(r"\${1,2}\(date [^)]*\)|\$day", "2026-11-24", command.partition(" > ")[0])


def test_every_command_in_a_block_is_one_that_fanion_takes() -> None:
    every = [command for one in papers.guides() for command in commands(one)]
    for command in every:
        grammar().parse_args(shlex.split(command.replace("\\", "/")))
    assert len(every) > 30


def known(command: Sequence[str], here: argparse.ArgumentParser) -> bool:
    """Whether the names of commands and options in there are ones of `here`, which may lack what it requires."""
    value = False
    for number, word in enumerate(command):
        if word.startswith("--"):
            if word not in here._option_string_actions:
                return False
            value = True
            continue
        branches = [a for a in here._actions if isinstance(a, argparse._SubParsersAction)]
        if branches and word in branches[0].choices:
            return known(command[number + 1 :], branches[0].choices[word])
        if branches and not value:
            return False
        value = False
    return True


def test_every_command_in_a_sentence_has_names_that_fanion_knows() -> None:
    for one in papers.guides():
        for node in nodes(one, "code_inline"):
            if node.content.startswith("fanion "):
                assert known(node.content.split()[1:], grammar()), f"{one.name}: {node.content}"


@pytest.mark.parametrize("command", ["log vrify", "nothing", "log export --formt csv", "policy sign init --stge"])
def test_a_name_that_fanion_does_not_know_is_noticed(command: str) -> None:
    assert not known(command.split(), grammar())


def test_every_link_leads_somewhere() -> None:
    places = {one.name: {papers.slug(words(n)) for n in nodes(one, "heading")} for one in papers.guides()}
    for one in papers.guides():
        for node in nodes(one, "link"):
            url = str(node.attrs["href"])
            if url.startswith(("https://", "mailto:")):
                continue
            file, _, place = url.partition("#")
            assert not file or (GUIDES / file).is_file(), f"{one.name}: {url}"
            assert not place or unquote(place) in places[file.removesuffix(".md") or one.name], f"{one.name}: {url}"


@pytest.mark.parametrize(
    ("name", "first", "both_may", "nothing"),
    [("administrator.en", "key", "both", "none"), ("administrator.fr", "clé", "les deux", "aucun")],
)
def test_every_setting_is_documented_as_it_is(name: str, first: str, both_may: str, nothing: str) -> None:
    one = guide(name)
    heads = [n for n in nodes(one, "table") if words(n.children[0].children[0].children[0]) == first]
    rows = {words(row.children[0]): [words(cell) for cell in row.children] for row in heads[0].children[1].children}
    assert tuple(rows) == tuple(ROWS)
    for key, (_, kind, default, who, does) in rows.items():
        assert (who == both_may) == (not ROWS[key].department), key
        assert does
        value = ROWS[key].default
        if isinstance(value, bool):
            assert (kind, default) == ("true, false", str(value).lower())
        elif isinstance(value, int):
            assert default == str(value)
        elif key not in ("officer", "desk", "language", "policy"):  # of which the desk makes something
            assert default == (value or nothing)


def printed(sentence: str) -> str:
    """A sentence of the catalogue as a guide quotes it."""
    return VALUE.sub("…", sentence).replace("'", "’")


@pytest.mark.slow
def test_what_troubleshooting_quotes_is_what_fanion_says() -> None:
    said = {printed(sentence): sentence for call in catalogue.calls(papers.ROOT) for sentence in call.sentences}
    with catalogue.path_of(papers.ROOT, "fr").open("rb") as file:
        french = {str(m.id): str(m.string) for m in read_po(file) if m.string}
    ours, theirs = table(guide("administrator.en"), "what Fanion says"), table(
        guide("administrator.fr"), "ce que dit Fanion"
    )  # fmt: skip
    assert len(ours) > 10
    for english_row, french_row in zip(ours, theirs, strict=True):
        in_english, in_french = english_row[0], french_row[0]
        assert (in_english[0], in_english[-1], in_french[0], in_french[-1]) == ("“", "”", "«", "»")
        sentence = said[in_english[1:-1]]
        if sentence in french:  # whether all is translated, another test says
            assert printed(french[sentence]) == in_french[1:-1].strip("\N{NO-BREAK SPACE}")


def test_the_exit_codes_are_those_of_the_command_line() -> None:
    ours = {p.exit_code for p in (PhoneProblem, LedgerProblem, PolicyProblem, SettingsProblem, Bug)}
    for one in both("administrator"):
        codes = [int(row[0]) for row in table(one, "code")]
        assert codes == [0, 1, 2, 3, 4, 5, 69, 70, 74, 141]
        assert ours | {CANNOT_WRITE} <= set(codes)


def test_the_typography_is_that_of_each_language() -> None:
    for one in papers.guides():
        for node in nodes(one, "inline"):
            parts = (n for n in node.walk() if not n.children)
            text = "".join("x" if n.type == "code_inline" else words(n) for n in parts)
            assert not re.search("['\"]", text), f"{one.name}: a typewriter’s quote in {text}"
            english = "Check of government-issued" in text or "[Department" in text
            if one.language == "fr" and not english:
                assert not re.search(r" [:;?»]|« |[^\s\N{NO-BREAK SPACE}\d]:(?=\s)", text), text


def test_every_file_of_a_data_folder_is_in_the_table() -> None:
    kept = [
        crash_files.FOLDER,
        active_policy.OWN_FILE,
        active_policy.STORE,
        app_names.FILE_NAME,
        core_settings.FILE_NAME,
        support_log.FOLDER,
    ]
    kept += [
        application.MEMORY,
        single_instance.LOCK,
        single_instance.SOCKET,
        "keys",
        "ledger.db",
        "ledger-keys",
    ]
    for one, first in zip(both("administrator"), ("in the data folder", "dans le dossier de données"), strict=True):
        said = {name for row in table(one, first) for name in row[0].split(", ")}
        assert set(kept) <= said
        assert {f"practice-{name}" for name in kept if name.startswith("ledger")} <= said


def test_the_french_guides_call_an_officer_as_the_window_does() -> None:
    with catalogue.path_of(papers.ROOT, "fr").open("rb") as file:
        officer = next(str(m.string).lower() for m in read_po(file) if m.id == "Officer")
    for one in papers.guides():
        if one.language == "fr" and one.name != "policy-signing.fr":  # of whom that does not speak
            assert not re.search(r"\bagents?\b", one.text, re.IGNORECASE), one.name
            assert officer in one.text or one.name == "threats.fr"
        assert one.language != "fr" or "GIES" in one.text or "SIEM" not in one.text
        if "GIES" in one.text:
            assert "SIEM" in one.text, "the window’s word has to be there too"


def test_the_units_of_the_daily_export_are_ones_of_systemd(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not here")
    service, timer = (n.content for n in nodes(guide("administrator.en"), "fence") if n.content.startswith("[Unit]"))
    files = [tmp_path / "fanion-export.service", tmp_path / "fanion-export.timer"]
    for file, content in zip(files, (service, timer), strict=True):
        assert f"`{file.name}`" in guide("administrator.en").text
        file.write_text(content, encoding="utf-8")
    done = subprocess.run(
        [analyze, "--user", "verify", *files],
        env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    # It looks at this machine's own units too, and they are not ours to judge.
    ours = [line for line in done.stderr.splitlines() if "fanion-export" in line]
    assert (done.returncode, ours) == (0, [])


def test_every_folder_is_on_the_map_of_the_house() -> None:
    guide = (papers.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = re.search(r"\n\|---\|---\|\n(.*?)\n\n", guide, re.DOTALL)
    assert table is not None
    rows = table[1].splitlines()
    assert len(rows) <= 20
    on_it = set(re.findall(r"`((?:core|gui|tests|installer)/[\w/]*)`", table[1]))
    for house in ("core", "gui"):
        rooms = {f"{house}/{path.parent.name}/" for path in (papers.ROOT / house).glob("*/__init__.py")}
        assert rooms <= on_it, rooms - on_it


# --- the PDFs


def text_of(page: pypdfium2.PdfPage) -> str:
    return str(page.get_textpage().get_text_bounded())


@cache
def page_texts(path: Path) -> list[str]:
    return [text_of(page) for page in pypdfium2.PdfDocument(path)]


def squeezed(text: str) -> str:
    """`text` without what a page may break or draw otherwise."""
    return re.sub(r"[\s\N{SOFT HYPHEN}\ufffe\x02\N{WHITE SQUARE}☐-]+", "", text)


@pytest.mark.slow
def test_a_pdf_is_made_of_every_guide(made: list[Path]) -> None:
    assert sorted(made[0].parent.iterdir()) == sorted(made)
    for path, one in zip(made, papers.guides(), strict=True):
        document = pypdfium2.PdfDocument(path)
        assert 2 <= len(document) <= 16
        assert document.get_metadata_value("Title") == words(nodes(one, "heading")[0])
        assert {document.get_page_size(at) for at in range(len(document))} == {(612, 792)}  # US Letter, in points
        for number, text in enumerate(page_texts(path), 1):
            assert squeezed(text).endswith(f"{number}/{len(document)}")
        assert min(map(len, page_texts(path))) > 100


def test_a_first_page_is_a_page_of_its_own(made: list[Path]) -> None:
    led = 0
    for path, one in zip(made, papers.guides(), strict=True):
        lead = papers.paper(one, "1", 0)["lead"]
        if any(part["t"] == "numbers" for part in lead):
            led += 1
            first, second = map(squeezed, page_texts(path)[:2])
            end = first_page_end(one)
            assert squeezed(end) in first, f"{path.name} has more than a page of steps"
            chapter = squeezed(words(nodes(one, "heading")[1]))
            assert second.startswith(chapter) or CONTENTS[one.language] in second, path.name
    assert led == 14


def test_the_pdfs_are_tagged_for_screen_readers_in_their_language(made: list[Path]) -> None:
    for path in made:
        data = path.read_bytes()
        assert b"/StructTreeRoot" in data
        assert re.search(rb"/MarkInfo\s*<<\s*/Marked true\s*>>", data)
        assert b"<pdfuaid:part>1</pdfuaid:part>" in data
        assert re.search(rb"/Lang\s*\(en-CA\)" if ".en." in path.name else rb"/Lang\s*\(fr-CA\)", data)


def test_headings_tables_lists_and_contents_are_tagged_as_what_they_are(made: list[Path]) -> None:
    for path in made:
        if path.name.startswith("administrator"):
            data = path.read_bytes()
            for tag in ("H1", "H2", "Table", "TH", "TD", "L", "LI", "TOC", "TOCI", "Link", "Code"):
                assert re.search(rf"/S\s*/{tag}[\s/>]".encode(), data), f"{path.name}: {tag}"


def test_every_picture_is_in_its_paper_with_words_for_who_does_not_see_it(made: list[Path]) -> None:
    counts = {}
    for path, one in zip(made, papers.guides(), strict=True):
        pictures = nodes(one, "image")
        counts[path.stem] = len(pictures)
        assert len(re.findall(rb"/S\s*/Figure[\s/>]", path.read_bytes())) == len(pictures)
        for picture in pictures:
            assert picture.content
            assert str(picture.attrs["src"]).endswith(f"-{one.language}.png")
    assert counts["officer.en"] == counts["officer.fr"] == 8


@pytest.mark.slow
def test_nothing_sticks_out_of_a_page(made: list[Path]) -> None:
    for path in made:
        for number, page in enumerate(pypdfium2.PdfDocument(path), 1):
            text = page.get_textpage()
            for index in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(index)
                inside = left >= 60 and right <= 553 and bottom >= 30 and top <= 745
                assert inside, f"{path.name}, page {number}: {text.get_text_bounded(left, bottom, right, top)}"


def test_what_a_guide_says_is_in_its_pdf(made: list[Path]) -> None:
    for path, one in zip(made, papers.guides(), strict=True):
        text = squeezed("".join(page_texts(path)))
        for node in nodes(one, "heading", "fence", "td"):
            wanted = node.content if node.type == "fence" else words(node)
            assert squeezed(wanted) in text, f"{one.name}: {wanted}"


def test_a_heading_never_stands_alone_at_the_foot_of_a_page(made: list[Path]) -> None:
    for path, one in zip(made, papers.guides(), strict=True):
        headings = {words(node) for node in nodes(one, "heading")}
        for number, page in enumerate(page_texts(path), 1):
            lines = [line.strip() for line in page.splitlines() if line.strip()]
            assert len(lines) > 3, f"{path.name}, page {number} has next to nothing"
            assert lines[-3] not in headings, f"{path.name}, page {number}: {lines[-3]}"  # the foot has two


@pytest.mark.slow
def test_the_foot_is_moved_where_the_last_row_of_a_table_would_stand_alone_on_a_page() -> None:
    for rows in range(30, 50):
        one = PaperGuide("x.en", "en", "# A\n\n| c |\n|---|\n" + "| d |\n" * rows)
        node = papers.paper(one, "1", 0)
        tries = [papers._lone_rows(node | {"bottom": bottom}) for bottom in papers._BOTTOMS]
        assert 0 in tries
        if tries[0]:
            return
    pytest.fail("it never happens")


@pytest.mark.slow
def test_the_same_guide_gives_the_same_bytes(made: list[Path]) -> None:
    names = frozenset(path.stem for path in made)
    for path in made:
        if path.stem in ("privacy-assessment.fr", "threats.en"):
            assert papers.typeset(guide(path.stem), "0.1.0", EPOCH, names) == path.read_bytes()


@pytest.mark.slow
def test_another_version_or_day_is_on_the_page() -> None:
    pdf = papers.typeset(guide("threats.fr"), "2.3.4", 1_777_593_600)
    assert "Fanion 2.3.4, 1er mai 2026" in text_of(pypdfium2.PdfDocument(pdf)[0]).replace("\N{NO-BREAK SPACE}", " ")


def test_a_link_to_another_guide_leads_to_its_pdf() -> None:
    one = PaperGuide("a.fr", "fr", "# A\n\n[b](b.fr.md) [c](c.md) [d](d.txt) [e](https://example.org/)\n")
    parts = papers.paper(one, "1", 0, frozenset({"b.fr", "c.fr"}))["lead"][0]["c"]
    assert [part.get("url") for part in parts if part["t"] == "link"] == [
        "b.fr.pdf",
        "c.fr.pdf",
        "https://example.org/",
    ]


# --- what is refused, and what can do no harm


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("No title", "title"),
        ("# A\n\n# B", "title"),
        ("## B\n\n# A", "title"),
        ("# A\n\n```\n" + "x" * 95 + "\n```", "95 characters"),
        ("# A\n\n![a](b.png)", "image"),
        ("# A\n\n![a](pictures/none.png)", "image"),
        ("# A\n\n![](pictures/red-en.png)", "image"),
        ("# A\n\nBeside ![a](pictures/red-en.png) words", "image"),
        ("# A\n\n---\n", "hr"),
    ],
)
def test_what_no_paper_can_show_is_refused(text: str, why: str) -> None:
    with pytest.raises(PaperError, match=why):
        papers.paper(PaperGuide("x.en", "en", text), "1", 0)


def test_a_link_to_a_heading_that_is_not_there_is_refused() -> None:
    with pytest.raises(PaperError, match="nowhere"):
        papers.typeset(PaperGuide("x.en", "en", "# A\n\n[b](#nowhere)"), "1", 0)


def test_a_guide_without_a_language_must_hold_both(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n", encoding="utf-8")
    with pytest.raises(PaperError, match=r"a\.md"):
        papers.guides(tmp_path)
    (tmp_path / "a.md").write_text("# A\n\n*Le français suit.*\n\n---\n\n# B\n", encoding="utf-8")
    english, french = papers.guides(tmp_path)
    assert (english.name, english.text.strip(), french.language, french.text) == ("a.en", "# A", "fr", "# B\n")


def test_what_looks_like_markup_of_the_template_is_only_words() -> None:
    hostile = "# A\n\n#let x = 1; $y$ <z> @w \\#panic() *b* [[c]] <b>d</b> “é” // e /* f */\n"
    pdf = papers.typeset(PaperGuide("x.en", "en", hostile), "1", 0)
    text = squeezed(text_of(pypdfium2.PdfDocument(pdf)[0]))
    assert squeezed("#let x = 1; $y$ <z> @w #panic() b [[c]] <b>d</b> “é” // e /* f */") in text


@examples(60)
@given(st.text(max_size=300))
def test_any_text_is_data_or_refused(text: str) -> None:
    one = PaperGuide("x.en", "en", f"# Title\n\n{text}")
    try:
        data = papers.paper(one, "1", 0)
    except PaperError:
        return
    assert data["title"] == "Title"
    assert json.loads(json.dumps(data)) == data


@given(st.text(alphabet="abc/._\\=| -", max_size=80))
def test_code_in_pieces_is_the_code(code: str) -> None:
    pieces: list[Any] = list(papers._pieces(code))
    assert "".join(pieces) == code


# --- the command


def test_the_command_writes_into_the_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    guides = [PaperGuide("a.en", "en", "# A"), PaperGuide("a.fr", "fr", "# A")]
    monkeypatch.setattr(papers, "guides", lambda folder: guides)
    assert papers.main([str(tmp_path / "out")]) == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(map(str, (tmp_path / "out").iterdir()))


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--help"]])
def test_the_command_says_how_it_is_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert papers.main(arguments) == 2
    assert "papers.py OUT" in capsys.readouterr().err
