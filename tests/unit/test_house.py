"""The rules of the house that no other tool enforces."""

from __future__ import annotations

import ast
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

import core
from tests import conftest

ROOT = Path(__file__).resolve().parents[2]

Node = TypeVar("Node", bound=ast.AST)


@cache
def source(path: Path) -> str:
    """What a file of the project says."""
    return path.read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """A module of the project; several rules look at each."""
    return ast.parse(source(path))


@cache
def _by_kind(path: Path) -> dict[type[ast.AST], list[ast.AST]]:
    kinds: dict[type[ast.AST], list[ast.AST]] = {}
    for node in ast.walk(parsed(path)):
        kinds.setdefault(type(node), []).append(node)
    return kinds


def nodes(path: Path, *kinds: type[Node]) -> list[Node]:
    """The nodes of a module that are of these kinds, the kinds one after the other."""
    return [node for kind in kinds for node in _by_kind(path).get(kind, [])]  # type: ignore[misc]


def short(path: Path) -> str:
    """The path of a file below the project."""
    return path.relative_to(ROOT).as_posix()


def run(program: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, which warns of nothing."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program, *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )


def modules(package: str) -> list[str]:
    names = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def test_core_is_the_one_in_this_repository() -> None:
    """`core` is a common name: nothing that is installed may stand in its place."""
    assert Path(core.__file__).resolve() == ROOT / "core" / "__init__.py"


@pytest.mark.slow
def test_every_module_of_core_can_be_imported_without_qt() -> None:
    program = """if True:
        import importlib, sys
        sys.modules["PySide6"] = None  # importing it raises ImportError
        for name in sys.argv[1:]:
            importlib.import_module(name)
    """
    names = modules("core")
    assert "core.model" in names
    done = run(program, *names)
    assert done.returncode == 0, done.stderr


def test_importing_core_reads_no_phone_library() -> None:
    """They are slow to load, and a machine without USB has to be able to show what it can do."""
    program = """if True:
        import core.model, core.phones, core.policy, core.ledger, sys
        print(*{"adb_shell", "usb1", "PySide6"} & set(sys.modules))
    """
    done = run(program)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_qt_survives_five_thousand_signals() -> None:
    """Some PySide6 lose a reference to None with each signal, which is fatal after some hundreds under Python 3.11."""
    program = """if True:
        from PySide6.QtCore import QCoreApplication, QObject, Signal

        class Bell(QObject):
            rung = Signal(int)

        app, bell, heard = QCoreApplication([]), Bell(), []
        bell.rung.connect(heard.append)
        for n in range(5000):
            bell.rung.emit(n)
        print(len(heard))
    """
    done = run(program)
    assert (done.stdout.strip(), done.returncode) == ("5000", 0), done.stderr


def tracked_files() -> Iterator[Path]:
    """Every file that is, or is about to be, in the repository."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / os.fsdecode(name) for name in listing.stdout.split(b"\0") if name)
    return (path for path in paths if path.is_file())


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git clone, so there is no list of its files")
def test_no_file_names_the_host_of_a_package_registry() -> None:
    """Where packages come from is for each machine's own configuration to say."""
    # Written apart, so that this file does not name them either.
    hosts = (
        "pypi" + r"\.org",
        "python" + "hosted" + r"\.org",
        "npmjs" + r"\.(?:org|com)",
        r"(?:deb|security)\." + r"debian\.org",
    )
    named = re.compile("|".join(hosts).encode())
    found = [str(path.relative_to(ROOT)) for path in tracked_files() if named.search(path.read_bytes())]
    assert not found


def test_the_requirements_name_no_address() -> None:
    files = sorted((ROOT / "installer").glob("requirements*.txt"))
    assert files
    assert not [path.name for path in files if "://" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("address", [("192.0.2.1", 5037), ("0.0.0.0", 5037)])
def test_the_fence_refuses_what_leaves_this_machine(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        for use in (outside.connect, outside.bind, lambda there: outside.sendto(b"", there)):
            with pytest.raises(conftest.NetworkError):
                use(address)
    with pytest.raises(conftest.NetworkError):
        socket.getaddrinfo("example.invalid", 443)
    conftest.tried.clear()  # they were meant


def test_the_fence_lets_loopback_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        client.sendall(b"x")


@pytest.mark.slow
def test_a_practice_check_opens_nothing_but_loopback(tmp_path: Path) -> None:
    """The whole road from plug to record, behind the fence."""
    program = """if True:
        import sys
        from tests import conftest
        from core.simulator.model import phone
        from gui.__main__ import main
        phone.ordinary_apps = conftest.few_ordinary_apps
        code = main()
        print(*conftest.tried, file=sys.stderr)
        sys.exit(9 if conftest.tried else code)
    """
    done = run(program, "check", "--practice", "walk-up", "--json", FANION_DATA=str(tmp_path))
    assert done.returncode == 1, done.stderr  # red: the practice phone carries a banned app
    assert '"verdict": "red"' in done.stdout


#: What takes long to load, and a window does not need to be seen.
SLOW = (
    "adb_shell",
    "core.model",  # thirty classes, which take longer to make than all that the window shows of a desk at rest
    "cryptography",
    "gui.desk.phone_list.phone_list",
    "gui.desk.phone_page",
    "gui.desk.phone_text",
    "gui.desk.queue",
    "gui.desk.scan",
    "gui.desk.session",
    "gui.desk.phone_list.totals_bar",
    "gui.toolkit.printing",
    "libusb_package",
    "sqlite3",
    "sqlite_utils",
    "usb1",
)


@pytest.mark.usefixtures("qt")
def test_the_window_is_seen_before_anything_slow_is_loaded() -> None:
    program = f"""if True:
        import sys
        import gui.startup.application
        print(*sorted(set({SLOW!r}) & set(sys.modules)))
    """
    done = run(program)
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


#: Where a text for people comes in, with the number of the argument that has it.
SHOWN_BY = {
    "setText": 0,
    "setToolTip": 0,
    "setWindowTitle": 0,
    "setAccessibleName": 0,
    "setAccessibleDescription": 0,
    "setPlaceholderText": 0,
    "setInformativeText": 0,
    "setStatusTip": 0,
    "addAction": 0,
    "addRow": 0,
    "addButton": 0,
    "add_button": 0,
    "invite": 0,
    "set_overlay": 0,
    "QLabel": 0,
    "QPushButton": 0,
    "QCheckBox": 0,
    "QAction": 0,
    "QMenu": 0,
    "offer": 0,
    "say": 1,
    "say.button": 0,
    "say.icon_button": 1,
    "say.label": 0,
    "say.line": 0,
}
#: Where it comes in by name.
SHOWN_AS = ("tip", "name")
#: Names, which are the same in every language.
NAMES = ("", "Fanion", "SHA-256", "EN", "FR", "English", "Français")


def gui_modules() -> list[Path]:
    return sorted((ROOT / "gui").rglob("*.py"))


def called(call: ast.Call) -> str:
    """The name of what is called; a part that is made with its text as ``say.button``."""
    if not isinstance(call.func, ast.Attribute):
        return getattr(call.func, "id", "")
    owner = call.func.value
    says = getattr(owner, "attr", getattr(owner, "id", "")) == "say"
    return f"say.{call.func.attr}" if says else call.func.attr


def shown(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are texts for people."""
    name = called(call)
    if (place := SHOWN_BY.get(name)) is None:
        return []
    named = [keyword.value for keyword in call.keywords if keyword.arg in SHOWN_AS and name.startswith("say.")]
    return [*call.args[place : place + 1], *named]


def is_made_here(value: ast.expr) -> bool:
    """Whether a text is written in place, be it in parts, and so is in no catalogue."""
    match value:
        case ast.Constant(value=str(words)):
            return words not in NAMES
        case ast.JoinedStr(values=parts):
            return any(isinstance(p, ast.Constant) and any(map(str.isalpha, str(p.value))) for p in parts)
        case ast.BinOp(left=left, right=right):
            return is_made_here(left) or is_made_here(right)
        case ast.IfExp(body=body, orelse=orelse):
            return is_made_here(body) or is_made_here(orelse)
        case ast.Call(func=ast.Name(id="str"), args=[only]):
            return is_made_here(only)
    return False


@pytest.mark.slow
def test_every_text_of_the_window_is_in_the_catalogue() -> None:
    found = [
        f"{short(path)}, line {call.lineno}"
        for path in gui_modules()
        for call in nodes(path, ast.Call)
        if any(map(is_made_here, shown(call)))
    ]
    assert not found, "a text that is written in place: say it with T()"


def test_the_rule_about_texts_finds_what_it_is_for() -> None:
    for made in ('"Check again"', 'f"{n} apps"', '"Log: " + name', '"a" if n else name', 'str("x")'):
        assert is_made_here(ast.parse(made, mode="eval").body), made
    for said in ('T("Check again")', '""', '"Fanion"', 'f"{a} {b}"', "name", 'str(T("x"))'):
        assert not is_made_here(ast.parse(said, mode="eval").body), said
    for part in ('self.say.button("Stop", f)', 'say.icon_button("stop", "Stop", f)', 'self.say.line(T("a"), tip="b")'):
        call = ast.parse(part, mode="eval").body
        assert isinstance(call, ast.Call)
        assert any(map(is_made_here, shown(call))), part


def test_no_page_knows_another() -> None:
    pages = ("desk", "log", "policy", "papers")
    for path in gui_modules():
        page = path.relative_to(ROOT / "gui").parts[0]
        if page not in pages:
            continue
        for node in nodes(path, ast.ImportFrom, ast.Import):
            below = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            names = [f"{below}{alias.name}" for alias in node.names]
            foreign = [n for n in names if n.split(".")[:1] == ["gui"] and n.split(".")[1:2] != [page]]
            assert not [n for n in foreign if n.split(".")[1] in (*pages, "window", "app")], path.name


def test_no_label_is_asked_for_rich_text() -> None:
    """Whatever comes from a phone would be taken for HTML; that labels are plain the tests of the window look after.

    Only the manual has formatted text: its Markdown is Fanion’s own, and no other text comes near it.
    """
    html = re.compile(r"TextFormat\.(?:RichText|AutoText|MarkdownText)|setHtml|insertHtml|QTextBrowser")
    assert [path.name for path in gui_modules() if html.search(source(path))] == ["chapter_view.py"]


def test_no_layout_is_asked_for_its_items() -> None:
    """Of an item that `itemAt` gave PySide keeps the wrapper when Qt deletes it with its widget, and later takes what
    is made at the same address (a window, a row of a list) for that item. `takeAt` hands it over, and is safe.
    """
    asked = re.compile(r"\.itemAt(?:Position)?\(")
    assert not [path.name for path in gui_modules() if asked.search(source(path))]


def is_unkept_call(node: ast.AST) -> bool:
    """Whether Qt is given a call together with a context, and PySide does not keep the object that is called.

    `QTimer.singleShot(ms, context, call)` and `QObject.connect(sender, signal, context, call)` keep a function, a
    lambda and a partial. Of a bound method they keep neither the method nor its object: once that is collected, the
    timer or signal ends the program. So what they are given is written where it is kept.
    """
    match node:
        case ast.Call(func=ast.Attribute(attr="singleShot"), args=[_, _, *_, call]):
            timed = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
            context = len(timed) > 2
        case ast.Call(func=ast.Attribute(attr="connect"), args=[_, _, _, call, *_]):
            context = True
        case _:
            return False
    made = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "partial"
    return context and not (made or isinstance(call, ast.Lambda))


def test_what_qt_calls_later_is_kept() -> None:
    found = [
        f"{short(path)}, line {call.lineno}"
        for path in gui_modules()
        for call in nodes(path, ast.Call)
        if is_unkept_call(call)
    ]
    assert not found, "a QTimer of your own, or a partial, keeps what it calls"


def test_the_rule_about_later_calls_finds_what_it_is_for() -> None:
    for wrong in (
        "QTimer.singleShot(5, self, session.stayed_away)",
        "QTimer.singleShot(5, Qt.TimerType.CoarseTimer, self, session.stayed_away)",
        "QTimer.singleShot(5, self, stayed_away)",
        "QtCore.QTimer.singleShot(after, context, self._session.look)",
        'QObject.connect(sender, SIGNAL("told()"), self, session.look)',
    ):
        assert any(map(is_unkept_call, ast.walk(ast.parse(wrong)))), wrong
    for right in (
        "QTimer.singleShot(0, self.begin)",
        "QTimer.singleShot(0, self.area, lambda: bar.setValue(1))",
        "QTimer.singleShot(5, self, partial(self._stayed_away, session))",
        "timer.timeout.connect(self._look)",
        "signal.connect(self._change, Qt.ConnectionType.QueuedConnection)",
    ):
        assert not any(map(is_unkept_call, ast.walk(ast.parse(right)))), right


#: A program of PySide alone: what is called goes away before its time comes.
LATER_CALLS = """if True:
    import gc, sys
    from functools import partial
    from PySide6.QtCore import QCoreApplication, QObject, QTimer

    class Plain:
        def called(self):
            calls.append(self)

    app, calls, context, kept = QCoreApplication([]), [], QObject(), []
    for plain in [Plain() for _ in range(24)]:
        if sys.argv[1] == "partial":
            QTimer.singleShot(1, context, partial(Plain.called, plain))
        elif sys.argv[1] == "lambda":
            QTimer.singleShot(1, context, lambda plain=plain: plain.called())
        elif sys.argv[1] == "timer":
            kept.append(QTimer(context, singleShot=True, interval=1))
            kept[-1].timeout.connect(partial(Plain.called, plain))
            kept[-1].start()
    del plain
    gc.collect()
    QTimer.singleShot(2, context, lambda: QTimer.singleShot(0, app, app.quit))
    app.exec()
    print(len(calls))
"""


@pytest.mark.parametrize("form", ["lambda", "partial", "timer"])
def test_qt_keeps_what_it_is_given_in_these_forms(form: str) -> None:
    """With the bound method itself in their place, this program ends with a segmentation fault (PySide 6.11)."""
    done = run(LATER_CALLS, form)
    assert (done.stdout.strip(), done.returncode) == ("24", 0), done.stderr


#: What renames a file into its place, makes bytes durable, locks, or changes rights: of the system, of Python's library
#: and of Qt. `replace` is a path's, with its one argument; a text's has two, and a record's has names.
SYSTEM_CALLS = frozenset(
    {
        "chmod",
        "chown",
        "fchmod",
        "fchown",
        "fdatasync",
        "fsync",
        "lchmod",
        "lchown",
        "link",
        "lockf",
        "mkstemp",
        "move",
        "NamedTemporaryFile",
        "QLockFile",
        "QSaveFile",
        "rename",
        "renames",
        "replace",
        "umask",
    }
)
#: Those that are called on a path, too, or on a module of Qt.
METHODS = frozenset({"chmod", "lchmod", "rename", "hardlink_to", "QLockFile", "QSaveFile"})
SYSTEM_MODULES = ("fcntl", "msvcrt")
#: SQLite locks its files and makes them durable by itself, between the statements of a transaction, and takes no
#: descriptor of anybody: so these say in SQL how it is to do so, and only these.
SQLITE = {
    "core/ledger/file/database.py": "the ledger: no acknowledged record is lost, and writers wait as long as they may",
    "core/ledger/file/journal.py": "the ledger's journal: it is overwritten while no other program writes",
}
SQLITE_STATEMENTS = re.compile(r"synchronous ?=|BEGIN (IMMEDIATE|EXCLUSIVE)")


def is_system_call(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(alias.name in SYSTEM_MODULES for alias in names)
        case ast.ImportFrom(module=module, names=names):
            from_os = module in ("os", "shutil", "tempfile", "PySide6.QtCore")
            return module in SYSTEM_MODULES or (from_os and any(alias.name in SYSTEM_CALLS for alias in names))
        case ast.Call(func=ast.Attribute(value=ast.Name(id="os" | "shutil" | "tempfile"), attr=name)):
            return name in SYSTEM_CALLS
        case ast.Call(func=ast.Attribute(attr="replace"), args=arguments, keywords=named):
            return len(arguments) == 1 and not named
        case ast.Call(func=ast.Attribute(attr=name)):
            return name in METHODS
    return False


def outside_system() -> list[Path]:
    """Every module of the program that is not below core/system."""
    files = [*(ROOT / "core").rglob("*.py"), *(ROOT / "gui").rglob("*.py")]
    return [path for path in files if not short(path).startswith("core/system/")]


@pytest.mark.slow
def test_only_core_system_renames_syncs_locks_and_changes_rights() -> None:
    found = [
        f"{short(path)}, line {node.lineno}"
        for path in outside_system()
        for node in nodes(path, ast.Import, ast.ImportFrom, ast.Call)
        if is_system_call(node)
    ]
    assert not found, "core.system.files.files, file_lock and permissions do this"


def test_only_what_keeps_a_database_says_how_sqlite_locks_and_syncs() -> None:
    found = {
        short(path)
        for path in outside_system()
        for constant in nodes(path, ast.Constant)
        if isinstance(constant.value, str) and "\n" not in constant.value
        if SQLITE_STATEMENTS.search(constant.value)
    }
    assert found == set(SQLITE)


def test_the_rule_about_the_system_finds_what_it_is_for() -> None:
    for made in (
        "import fcntl",
        "from os import replace",
        "os.replace(a, b)",
        "os.fsync(1)",
        "path.replace(other)",
        "path.chmod(0o600)",
        "path.rename(other)",
        "shutil.move(a, b)",
        "QtCore.QSaveFile(name)",
    ):
        assert any(map(is_system_call, ast.walk(ast.parse(made)))), made
    for said in ('"a".replace("b", "c")', "dataclasses.replace(a, b=1)", "time.replace(hour=4)", "os.open(a, 0)"):
        assert not any(map(is_system_call, ast.walk(ast.parse(said)))), said


#: What reads a record by the names of its fields, and not as the class that wrote it; or names a field by its path.
BY_NAME = re.compile(r"""\.body(\[|\.get\()|\.leaf\[|\["body"\]|["'.](?:body|device)\.[a-z_]+["'.]""")
#: The file's schema is a fixed text, and its columns are made of paths.
SCHEMA = "core/ledger/file/schema.py"


def test_records_are_read_in_one_place() -> None:
    files = [path for package in ("core", "gui") for path in (ROOT / package).rglob("*.py")]
    found = {}
    for path in files:
        name, lines = short(path), source(path).splitlines()
        wrong = [number for number, line in enumerate(lines, 1) if BY_NAME.search(line)]
        if wrong and not name.startswith(("core/ledger/records/", "core/simulator/")) and name != SCHEMA:
            found[name] = wrong
    assert not found, "ask the record's class"


def test_the_rule_about_records_finds_what_it_is_for() -> None:
    for wrong in (
        'entry.body["act"]',
        'decode(exact)["body"]["key"]',
        'e.body.get("x")',
        'entry.leaf["device"]',
        '"body.counts.apps"',
        "'$.body.how'",
    ):
        assert BY_NAME.search(wrong), wrong
    for right in ("entry.record.act", "self.body()", '{**entry.leaf, "serial": x}'):
        assert not BY_NAME.search(right), right


# --- accounting: what a reader of a phone's bytes leaves

PHONES = ROOT / "core" / "phones"
#: What says, on its line or the one before, that nothing is dropped, or that it was left or told.
NOT_LOST = re.compile(r"#.*?(?:Nothing is lost\b|\bleft\b|\btold\b)")
#: Modules that read what a phone sends, by what makes each one a reader: its public functions and classes return an
#: account, or raise where they refuse everything.
READERS = {
    "android/listings/short_answers.py": {"properties", "users", "packages", "admins"},
    "android/listings/dump.py": {"Dump"},
    "android/listings/screens.py": {"Screens", "Links"},
    "android/apk/__init__.py": {"read"},
    "android/apk/zip.py": {"directory"},
    "android/apk/signing.py": {"from_block", "from_files"},
    "android/apk/der.py": {"signers"},
    "android/apk/manifest.py": {"parse"},
    "android/apk/resources.py": {"text"},
    "iphone/property_lists/plist.py": {"parse"},
    "iphone/apps.py": {"lookup", "browse", "app_of"},
}


def phone_modules() -> list[Path]:
    return sorted(PHONES.rglob("*.py"))


def silent_drops(tree: ast.Module, lines: list[str]) -> list[int]:
    """The lines on which something may be dropped without a word: where a loop goes on, a function ends with nothing,
    or a failure is caught and neither told nor raised again."""

    def excused(*numbers: int) -> bool:
        return any(0 < n <= len(lines) and NOT_LOST.search(lines[n - 1]) for n in numbers)

    dropped = []
    for node in ast.walk(tree):
        match node:
            case ast.Continue() | ast.Return(value=None) | ast.Return(value=ast.Constant(value=None)):
                if not excused(node.lineno - 1, node.lineno):
                    dropped.append(node.lineno)
            case ast.ExceptHandler(name=name, body=body):
                inner = [part for statement in body for part in ast.walk(statement)]
                raised = any(isinstance(part, ast.Raise) for part in inner)
                named = name is not None and any(isinstance(p, ast.Name) and p.id == name for p in inner)
                around = range(node.lineno - 1, body[0].lineno + 1)
                if not (raised or named or excused(*around)):
                    dropped.append(node.lineno)
            case ast.Call(func=ast.Attribute(attr="suppress") | ast.Name(id="suppress")):
                if not excused(node.lineno - 1, node.lineno, node.lineno + 1):
                    dropped.append(node.lineno)
    return dropped


def test_nothing_that_a_phone_gave_is_dropped_without_a_word() -> None:
    drops = {short(path): silent_drops(parsed(path), source(path).splitlines()) for path in phone_modules()}
    found = {name: lines for name, lines in drops.items() if lines}
    assert not found, "leave it in the account, or say why nothing is lost (`# Nothing is lost: …`)"


def test_the_rule_about_drops_finds_what_it_is_for() -> None:
    for dropping in (
        "for x in y:\n    if x:\n        continue",
        "def f(x):\n    if x:\n        return None\n    return x",
        "def f(x):\n    if x:\n        return\n    g(x)",
        "try:\n    f()\nexcept ValueError:\n    pass",
        "try:\n    f()\nexcept ValueError as error:\n    x = 1",
        "with contextlib.suppress(ValueError):\n    f()",
    ):
        assert silent_drops(ast.parse(dropping), dropping.splitlines()), dropping
    for telling in (
        "for x in y:\n    if x:\n        continue  # Nothing is lost: it is a heading",
        "def f(x):\n    if x:\n        left.add(x)\n        return  # left",
        "try:\n    f()\nexcept ValueError as error:\n    raise Bad from error",
        "try:\n    f()\nexcept ValueError as error:\n    why = error",
        "# Nothing is lost: the next answer says it\nwith contextlib.suppress(ValueError):\n    f()",
    ):
        assert not silent_drops(ast.parse(telling), telling.splitlines()), telling


def returns_an_account(node: ast.AST) -> bool:
    """Whether a function returns an account, or a class has a method that does."""
    match node:
        case ast.FunctionDef(returns=returns):
            return returns is not None and "Account[" in ast.unparse(returns)
        case ast.ClassDef(body=body):
            return any(isinstance(part, ast.FunctionDef) and returns_an_account(part) for part in body)
    return False


@pytest.mark.parametrize("name", READERS)
def test_every_reader_accounts_for_what_it_was_given(name: str) -> None:
    tree = parsed(PHONES / name)
    defined = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    assert READERS[name] <= defined.keys()
    assert not [reader for reader in READERS[name] if not returns_an_account(defined[reader])]


#: Public functions that take a phone's words, by the names of their first arguments.
TAKES_A_PHONES_WORDS = ("lines", "text", "data", "encoded", "pkcs7", "listed")
#: Those that are no readers of their own: what they do with a phone's words is in another reader's account.
NOT_READERS = {
    "android/apk/fields.py": "single numbers: they raise where there is none",
    "android/apk/strings.py": "single strings of a pool: they raise, or leave it to the reader of the file",
    "android/apk/signing.py": "one certificate: it raises where there is none",
    "android/apk/dex.py": "one file of code, whole or not at all: it raises, and the app is not wholly read",
    "android/apk/der.py": "single values: they raise where there is none",
    "android/apk/icon.py": "a picture for people, which no rule looks at",
    "android/listings/dump_fields.py": "single fields: what they do not take, the reader of the dump leaves",
    "android/leaving.py": "the words of one answer: what is not known is None",
    "android/listings/screens.py": "a number made of a text",
    "iphone/mux.py": "one phone of a list: what is none is told by the watch",
    "android/removal.py": "the words of one answer: what is not known is an outcome of its own",
    "android/link/shell.py": "names and parts of scripts",
    "android/files/ranges.py": "paths: whether one may stand in a command",
    "android/link/transport.py": "bytes on their way",
    "iphone/property_lists/plist.py": "single values: what is none is empty, and its reader says so",
    "iphone/property_lists/plist_plain.py": "all or nothing: what it does not take whole, the strict reader takes",
}


def test_a_new_reader_accounts_too() -> None:
    """A public function that takes a phone's words and returns something else than an account is one of those that are
    known to raise, or to be part of a reader."""
    strays = []
    for path in phone_modules():
        name = path.relative_to(PHONES).as_posix()
        for node in parsed(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or not node.args.args:
                continue
            if node.args.args[0].arg in TAKES_A_PHONES_WORDS and not returns_an_account(node):
                strays.append((name, node.name))
    assert {name for name, _ in strays} <= NOT_READERS.keys(), strays


@pytest.mark.parametrize("top", ["core", "gui", "installer"])
def test_no_folder_has_more_files_than_a_newcomer_reads_the_names_of(top: str) -> None:
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder in (ROOT / top).rglob("*")
        if folder.is_dir() and (count := len(list(folder.glob("*.py")))) > 20
    }
    assert not crowded


# --- imports inside functions

#: How many there are at most: a start is what they are for, and each is one more thing to know.
MOST_INSIDE = 56
#: A comment, which is for people.
REASON = re.compile(r"# (?!type:|noqa)")


def imports_inside(tree: ast.AST, inside: bool = False) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that are done only when a function is called."""
    if inside and isinstance(tree, ast.Import | ast.ImportFrom):
        yield tree
    inside = inside or isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    for field in ("body", "orelse", "handlers", "finalbody", "cases"):  # of statements; no expression holds an import
        for statement in getattr(tree, field, ()):
            yield from imports_inside(statement, inside)


def without_reason(text: str, tree: ast.Module) -> list[int]:
    """The lines of imports inside functions that say no reason: beside them or on the line above. Of several in a row
    one says it for all."""
    lines, wrong, row = text.splitlines(), [], (0, False)
    for node in sorted(imports_inside(tree), key=lambda node: node.lineno):
        end = node.end_lineno or node.lineno
        own = any(REASON.search(line) for line in lines[node.lineno - 1 : end])
        above = lines[node.lineno - 2].lstrip().startswith("#")
        follows = not "".join(lines[row[0] : node.lineno - 1]).strip() and row[1]
        row = (end, own or above or follows)
        if not row[1]:
            wrong.append(node.lineno)
    return wrong


def product_modules() -> list[Path]:
    return sorted(path for top in ("core", "gui", "installer") for path in (ROOT / top).rglob("*.py"))


def test_an_import_inside_a_function_says_why_it_is_there() -> None:
    without = {short(path): without_reason(source(path), parsed(path)) for path in product_modules()}
    wrong = {name: lines for name, lines in without.items() if lines}
    assert not wrong, "say beside it what it would keep waiting, or import it at the top"


def test_few_imports_are_inside_functions() -> None:
    assert sum(len(list(imports_inside(parsed(path)))) for path in product_modules()) <= MOST_INSIDE


def test_the_rule_about_imports_inside_functions_finds_what_it_is_for() -> None:
    for wrong in (
        "def f():\n    import a",
        "def f():\n    if x:\n        from a import b\n    g()  # brings Qt",
        "def f():\n    import a  # brings Qt\n    g()\n    import b",
        "def f():\n    import a  # type: ignore[import-untyped]",
        "async def f():\n    from a import (\n        b,\n    )",
    ):
        assert without_reason(wrong, ast.parse(wrong)), wrong
    for right in (
        "import a",
        "if x:\n    import a",
        "class A:\n    import a",
        "def f():\n    import a  # brings Qt",
        "def f():\n    # Both bring Qt.\n    import a\n\n    import b",
        "def f():\n    from a import (  # brings Qt\n        b,\n    )",
    ):
        assert not without_reason(right, ast.parse(right)), right


DESK = ROOT / "gui" / "desk"


def methods(file: str, name: str) -> int:
    """How many methods a class of the Desk page has."""
    classes = [node for node in parsed(DESK / file).body if isinstance(node, ast.ClassDef) and node.name == name]
    (found,) = classes
    return sum(isinstance(node, ast.FunctionDef) for node in found.body)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("phone_page.py", "PhonePage"),
        ("phone_stack.py", "PhoneStack"),
        ("verdict/verdict_block.py", "VerdictBlock"),
        ("session/phone_session.py", "PhoneSession"),
        ("session/phone_work.py", "PhoneWork"),
        ("session/page_state.py", "PageState"),
    ],
)
def test_what_shows_a_phone_is_small_enough_to_be_read(file: str, name: str) -> None:
    assert methods(file, name) < 20
    assert len(source(DESK / file).splitlines()) < 400


#: A key in the words of a tooltip.
PRINTED_KEY = re.compile(r"\((?:F\d+|Esc|Del|(?:Ctrl|Alt|Shift)\+\S+)\)")


def test_every_key_of_the_desk_comes_from_its_acts() -> None:
    """Nothing but the acts has keys, and no words repeat one; but the lessons' key, which is the window's, and what a
    dialog over the Desk has of its own."""
    strays = [
        (path.relative_to(DESK).as_posix(), node.lineno)
        for path in sorted(DESK.rglob("*.py"))
        if path.parent.name != "acts" and path.name not in ("empty_desk.py", "practice_dialog.py")
        for node in nodes(path, ast.Name, ast.Call, ast.Constant)
        if (isinstance(node, ast.Name) and node.id in ("QShortcut", "QAction"))
        or (isinstance(node, ast.Call) and called(node) == "QKeySequence")
        or (isinstance(node, ast.Constant) and isinstance(node.value, str) and PRINTED_KEY.search(node.value))
    ]
    assert not strays


def test_whether_a_phone_was_handed_back_is_decided_once() -> None:
    places = [
        short(path)
        for path in gui_modules()
        for node in nodes(path, ast.Compare)
        if isinstance(node.left, ast.Attribute)
        and node.left.attr == "handed_back"
        and isinstance(node.ops[0], ast.Is | ast.IsNot)
    ]
    assert places == ["gui/desk/session/phone_view.py"]


#: A name that its module or class keeps to itself, used from outside; also in the text that names what is patched.
PRIVATE = re.compile(
    r"\.(?<!\bself\.)(?<!\bcls\.)(?<!\bos\.)(?<!\bsys\.)(?<!\bthreading\.)(?<!\bargparse\.)_[A-Za-z]\w*"
)
#: What is put in the place of something of the product. A fixture that many tests use does it once.
PATCH = re.compile(r"\bsetattr\(")
#: What asks the clock. A test has the fixtures `now`, `today` and `utc_today`, which speak of the moment when it began.
CLOCK = re.compile(r"\b(?:datetime|date)\.(?:now|today)\(|\btime\.time\(")
#: How many there are in the tests. A test asks what a user would see, on any day; whoever takes some away writes the
#: lower number.
MOST = {"private": (PRIVATE, 233), "patches": (PATCH, 477), "clocks": (CLOCK, 20)}


def test_no_more_is_private_patched_or_asked_of_the_clock_than_before() -> None:
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    counts = {what: sum(len(rule.findall(source(path))) for path in files) for what, (rule, _) in MOST.items()}
    assert {what: count for what, count in counts.items() if count > MOST[what][1]} == {}


#: A day that a command is asked about, and that may come.
TO_COME = re.compile(r"""["']--\w+["'], ["']20(?:2[7-9]|[3-9]\d)-\d\d""")
#: Where tests call the command line; others ask it there, or by the fixture `fanion`.
COMMAND = "tests/command.py"


@pytest.mark.slow
def test_no_test_ends_with_a_day_and_none_begins_with_the_one_of_its_import() -> None:
    """No command is asked about a day that may come, nothing outside of a function asks the clock, and the command line
    is called in one place."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        assert not TO_COME.findall(source(path)), path
        outside = [part for part in parsed(path).body if not isinstance(part, ast.FunctionDef | ast.ClassDef)]
        asks = CLOCK.search(source(path))
        assert not (asks and any(CLOCK.search(ast.unparse(part)) for part in outside)), path
        imported = {
            f"{node.module}.{name.name}"
            for node in nodes(path, ast.ImportFrom)
            for name in node.names
            if node.module == "core" or node.module == "core.cli"
        }
        assert short(path) == COMMAND or not imported & {"core.cli.main", "core.cli"}, path


def test_the_rules_about_tests_find_what_they_are_for() -> None:
    for used in ("ledger._database", "page()._timer", 'patch("core.desk._at")'):
        assert PRIVATE.search(used), used
    for right in ("self._database", "os._exit(1)", "ledger.__enter__()", "a_b._", "x = _y"):
        assert not PRIVATE.search(right), right
