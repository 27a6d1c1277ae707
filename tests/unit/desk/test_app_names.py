"""The names that a computer has met: found again by package and version, and never in the way."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk import app_names as module
from core.desk.app_names import FILE_NAME, AppNames
from core.model import App, Identity
from tests.examples import examples

BANK = App("ca.maple.bank", 7)


@pytest.fixture
def names(tmp_path: Path) -> AppNames:
    return AppNames(tmp_path / "data")


def count(data: Path) -> int:
    with closing(sqlite3.connect(data / FILE_NAME)) as database:
        return int(database.execute("SELECT count(*) FROM name").fetchone()[0])


def test_nothing_is_known_and_nothing_is_made_by_asking(names: AppNames, tmp_path: Path) -> None:
    assert names.of([BANK]) == {}
    assert not (tmp_path / "data").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has access lists instead")
def test_only_their_owner_can_read_them_whoever_may_read_the_folder(names: AppNames, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert stat.S_IMODE((tmp_path / "data" / FILE_NAME).stat().st_mode) == 0o600


def test_a_name_is_found_again_by_another_object_on_the_same_folder(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert AppNames(tmp_path / "data").of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_another_version_may_be_called_otherwise(names: AppNames) -> None:
    names.add([Identity("ca.maple.bank", 6, "Old Bank")])
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK, App("ca.maple.bank", 6)])["ca.maple.bank"] in ("Maple Bank", "Old Bank")
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


@pytest.mark.parametrize("labels", [("First", "Second"), ("Second", "First")])
def test_of_two_names_of_a_version_one_stays_whichever_came_first(names: AppNames, labels: tuple[str, str]) -> None:
    for label in labels:
        names.add([Identity("ca.maple.bank", 7, label)])
    assert names.of([BANK]) == {"ca.maple.bank": "First"}


@pytest.mark.parametrize(
    "identity",
    [
        Identity("ca.maple.bank", 7, ""),
        Identity("ca.maple.bank", None, "Maple Bank"),
        Identity("ca.maple.bank", 2**63, "Maple Bank"),
        Identity("ca.maple.bank", -(2**70), "Maple Bank"),
    ],
)
def test_what_is_no_name_of_a_version_is_not_kept(names: AppNames, identity: Identity, tmp_path: Path) -> None:
    names.add([identity])
    assert not (tmp_path / "data" / FILE_NAME).exists()


def test_an_app_that_has_its_name_or_no_version_is_not_asked_for(names: AppNames) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([App("ca.maple.bank", 7, label="It")]) == {}
    assert names.of([App("ca.maple.bank", None)]) == {}


@pytest.mark.parametrize("content", [b"", b"this is no database" * 400])
def test_a_damaged_file_is_forgotten_and_made_anew(names: AppNames, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "data" / FILE_NAME
    file.parent.mkdir()
    file.write_bytes(content)
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_a_file_that_cannot_be_replaced_stays(names: AppNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])

    def refused(path: Path, content: bytes) -> None:
        raise PermissionError(13, "another program has it open", str(path))

    monkeypatch.setattr(module, "write_private", refused)
    names.add([Identity("ca.maple.mail", 1, "Mail")])
    assert names.of([BANK, App("ca.maple.mail", 1)]) == {"ca.maple.bank": "Maple Bank"}


def test_it_is_written_only_where_a_name_is_new(
    names: AppNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    monkeypatch.setattr(module, "write_private", lambda path, content: pytest.fail("nothing is new"))
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    names.add([Identity("ca.maple.bank", 7, "The Maple Bank")])
    names.of([BANK])


def test_a_file_of_another_shape_is_made_anew(names: AppNames, tmp_path: Path) -> None:
    file = tmp_path / "data" / FILE_NAME
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE name (package TEXT, something TEXT)")
        database.commit()
    assert names.of([BANK]) == {}
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}


def test_a_folder_in_its_place_costs_only_the_names(names: AppNames, tmp_path: Path) -> None:
    (tmp_path / "data" / FILE_NAME).mkdir(parents=True)
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {}


def test_a_data_folder_that_cannot_be_made_costs_only_the_names(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    names = AppNames(tmp_path / "data")
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    assert names.of([BANK]) == {}


def test_only_so_many_are_kept_and_their_age_does_not_decide_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT", 3)
    met = [Identity(f"ca.maple.a{number}", 1, f"App {number}") for number in range(6)]
    kept = set()
    for turn, order in enumerate(permutations(met)):
        names = AppNames(tmp_path / str(turn))
        for identity in order:
            names.add([identity])
        assert count(tmp_path / str(turn)) == 3
        kept.add((tmp_path / str(turn) / FILE_NAME).read_bytes())
        if turn == 40:
            break
    assert len(kept) == 1


def test_a_whole_phone_is_found_at_once(names: AppNames) -> None:
    names.add(Identity(f"ca.maple.a{n}", n, f"App {n}") for n in range(2_000))
    found = names.of([App(f"ca.maple.a{n}", n) for n in range(2_000)])
    assert len(found) == 2_000
    assert found["ca.maple.a1999"] == "App 1999"


def test_which_phone_had_an_app_is_not_kept(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(name)")]
    assert columns == ["package", "version", "label"]


def test_what_somebody_wrote_into_the_file_is_plain_and_short_when_it_is_read(names: AppNames, tmp_path: Path) -> None:
    names.add([Identity("ca.maple.bank", 7, "Maple Bank")])
    with closing(sqlite3.connect(tmp_path / "data" / FILE_NAME)) as database:
        database.execute("UPDATE name SET label = ?", ["A\u202eB\n\x07" + "x" * 5000])
        database.commit()
    name = names.of([BANK])["ca.maple.bank"]
    assert len(name) <= 120
    assert not set(name) & set("\u202e\n\x07")


def test_several_threads_at_once(names: AppNames) -> None:
    def work(number: int) -> None:
        for turn in range(10):
            names.add([Identity(f"ca.maple.a{number}", turn, f"App {turn}")])
            names.of([App(f"ca.maple.a{number}", turn)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [App(f"ca.maple.a{number}", 9) for number in range(4)]
    assert set(names.of(asked).values()) == {"App 9"}


@examples(40)
@given(
    package=st.text(max_size=60),
    version=st.integers(-(2**80), 2**80) | st.none(),
    label=st.text(max_size=300),
)
def test_whatever_a_phone_says_never_makes_it_fail(
    tmp_path_factory: pytest.TempPathFactory, package: str, version: int | None, label: str
) -> None:
    names = AppNames(tmp_path_factory.mktemp("names"))
    names.add([Identity(package, version, label)])
    found = names.of([App(package, version), App("ca.maple.bank", version)])
    assert all(len(name) <= 120 for name in found.values())


# --- what the file tells beyond its rows

IDENTITIES = st.builds(
    Identity,
    st.from_regex(r"\A[a-z]{1,6}(\.[a-z]{1,4}){1,3}\Z"),
    st.integers(0, 3),
    st.text("aeiou \u00e9", min_size=1, max_size=12),
)


@examples(40)
@given(met=st.lists(IDENTITIES, max_size=60), data=st.data())
def test_the_same_names_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, met: list[Identity], data: st.DataObject
) -> None:
    """As the privacy assessment says: whichever phones had them, in whichever order and portions."""
    at_once, one_by_one = (tmp_path_factory.mktemp("names") for _ in range(2))
    AppNames(at_once).add(met)
    left = data.draw(st.permutations(met))
    while left:
        portion = data.draw(st.integers(1, len(left)))
        AppNames(one_by_one).add([*left[:portion], *left[:portion:2]])
        left = left[portion:]
    files = [folder / FILE_NAME for folder in (at_once, one_by_one)]
    assert len({file.read_bytes() if file.exists() else None for file in files}) == 1


def test_many_names_give_the_same_bytes_and_nothing_else_is_in_them(tmp_path: Path) -> None:
    """Also where the tree of the file has several levels, and names came between others."""
    met = [Identity(f"ca.maple.a{number * 7919 % 4001}", number % 5, f"App {number}") for number in range(4000)]
    files = []
    for turn, portions in enumerate(([met], [met[::-1]], [met[at::11] for at in range(11)])):
        names = AppNames(tmp_path / str(turn))
        for portion in portions:
            names.add(portion)
        files.append(tmp_path / str(turn) / FILE_NAME)
    assert len({file.read_bytes() for file in files}) == 1
    with closing(sqlite3.connect(files[0])) as database:
        assert database.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with pytest.raises(sqlite3.OperationalError, match="rowid"):
            database.execute("SELECT rowid FROM name")
        stored = [(row[0], row[1]) for row in database.execute("SELECT * FROM name NOT INDEXED")]
        assert stored == sorted((one.package, one.version_code) for one in met)
    assert [path.name for path in (tmp_path / "2").iterdir()] == [FILE_NAME]


def earlier(data: Path) -> Path:
    """A file as it was made once: its rows stand in the order in which the phones came."""
    data.mkdir()
    file = data / FILE_NAME
    with closing(sqlite3.connect(file)) as database:
        database.execute(
            "CREATE TABLE name (package TEXT NOT NULL, version INTEGER NOT NULL, label TEXT NOT NULL,"
            " PRIMARY KEY (package, version))"
        )
        rows = [("ca.zulu", 1, "Zulu"), ("ca.maple.bank", 7, "Maple Bank"), ("ca.alpha", 2, "Alpha")]
        database.executemany("INSERT INTO name VALUES (?, ?, ?)", rows)
        database.execute("DELETE FROM name WHERE package = 'ca.zulu'")
        database.commit()
    (data / f"{FILE_NAME}-journal").write_bytes(b"what was written last")
    return file


@pytest.mark.parametrize("used", ["asked", "added to", "asked for another"])
def test_a_file_of_the_earlier_form_is_replaced_as_soon_as_it_is_used(tmp_path: Path, used: str) -> None:
    file = earlier(tmp_path / "earlier")
    names = AppNames(file.parent)
    if used == "asked":
        assert names.of([BANK]) == {"ca.maple.bank": "Maple Bank"}
    elif used == "added to":
        names.add([Identity("ca.alpha", 2, "Alpha")])
    else:
        assert names.of([App("ca.other", 1)]) == {}
    made = AppNames(tmp_path / "fresh")
    made.add([Identity("ca.maple.bank", 7, "Maple Bank"), Identity("ca.alpha", 2, "Alpha")])
    assert file.read_bytes() == (tmp_path / "fresh" / FILE_NAME).read_bytes()
    assert [path.name for path in file.parent.iterdir()] == [FILE_NAME]


def test_the_privacy_assessment_says_so() -> None:
    """What these tests hold against the bytes."""
    guides = Path(module.__file__).parents[2] / "resources" / "guides"
    for language, words in (
        ("en", "the same names give the same file, byte for byte, whichever phones had them, and in whichever order"),
        ("fr", "les mêmes noms donnent le même fichier, à l’octet près, quels que soient les téléphones"),
    ):
        said = " ".join((guides / f"privacy-assessment.{language}.md").read_text(encoding="utf-8").split())
        assert words in said
