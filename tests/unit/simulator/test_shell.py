"""The mini shell: what it understands it does as sh does; everything else it refuses."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import simulator
from core.jobs import Cancel
from core.model import Cancelled
from core.simulator.commands.streams import Io
from core.simulator.commands.tools import tools
from core.simulator.model.files import FileTree
from core.simulator.shell.shell import Shell
from tests.unit.simulator.conftest import Desk, Ran


def run(script: str, cancel: Cancel | None = None) -> Ran:
    """Run `script` with the small tools only."""
    out, err = bytearray(), bytearray()
    files = FileTree()
    files.write("/sdcard/words", b"one\ntwo\nthree\n", 0o644, 0)
    files.write("/sdcard/.long", b"a" * 5000, 0o644, 0)
    code = Shell(tools(files)).run(script, Io(out.extend, err.extend, cancel or Cancel()))
    return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("echo a; echo b", "a\nb\n"),
        ("echo a\necho b # not this\n# nor this\n", "a\nb\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("x=5; echo $x ${x} \"$x\" '$x' \\$x", "5 5 5 $x $x\n"),
        ("x='a  b'; echo $x; echo \"$x\"", "a b\na  b\n"),
        ("x=a:b:c; echo ${x#*:} ${x##*:} ${x%:*} ${x%%:*}", "b:c c a:b a\n"),
        ("x=abc; echo ${x#z} ${x%[!a-c]} ${x%?}", "abc abc ab\n"),
        ('x="a*b"; echo ${x#"a*"} ${x#a*}', "b *b\n"),
        ('x=$(echo hi; echo there); echo "$x"', "hi\nthere\n"),
        ("x=$(exit 3); echo $?", "3\n"),
        ("x=$(exit 3)$(exit 4); y=$?; echo $y", "4\n"),
        ("(exit 3); echo $?", "3\n"),
        ("x=1; (x=2); echo $x; x=3; echo $x", "1\n3\n"),
        ("for w in a 'b c' $(echo d e); do echo \"<$w>\"; done", "<a>\n<b c>\n<d>\n<e>\n"),
        ("e=; for w in $e; do echo never; done; echo end", "end\n"),
        ('e=; for w in "$e"; do echo "<$w>"; done', "<>\n"),
        ("case abc in x|a*) echo one;; *) echo two;; esac", "one\n"),
        ("case 10 in ''|*[!0-9]*) echo no;; *) echo number;; esac", "number\n"),
        ("case '*' in \\*) echo star;; esac", "star\n"),
        ("case a in (b) echo b;; (a) echo a; esac", "a\n"),
        ("echo out; echo err >&2", "out\n"),
        ("(echo out; echo err >&2) 2>&1", "out\nerr\n"),
        ("nothing 2>/dev/null; echo $?", "127\n"),
        ("echo out >/dev/null; echo out 1>/dev/null", ""),
        ("set -f; echo *", "*\n"),
        ("echo a\\\nb", "ab\n"),
        ("x=1; x=2 true; echo $x", "1\n"),
        ("echo -n a; echo b", "ab\n"),
        ("cat /sdcard/words | grep ^t | (cat; echo end)", "two\nthree\nend\n"),
        ("for w in a b; do echo $w; done 2>&1 | tail -1", "b\n"),
        ("cat /sdcard/words", "one\ntwo\nthree\n"),
        ("cat /sdcard/words | grep o | wc -l", "2\n"),
        ("cat /sdcard/words | grep -v -c o", "1\n"),
        ("grep -i TWO /sdcard/words", "two\n"),
        ("cat /sdcard/words | grep -E '^o.*e$|^tw'", "one\ntwo\n"),
        ("echo 'a.b{1' | grep 'a\\.b{[0-9]'", "a.b{1\n"),
        ("echo 'a.b' | grep -F 'a.b'; echo 'axb' | grep -F a.b; echo $?", "a.b\n1\n"),
        ("cat /sdcard/words | sort | head -n 2", "one\nthree\n"),
        ("cat /sdcard/words /sdcard/words | sort -u -r", "two\nthree\none\n"),
        ("ls /sdcard", ".long\nDownload\nwords\n"),
        ("ls -l /sdcard/words", "-rw-r--r-- 1 system system 14 1970-01-01 00:00 /sdcard/words\n"),
        ("ls -ld /sdcard", "drwxrwx--x 2 system system 4096 2009-01-01 00:00 /sdcard\n"),
        ("ls -l /sdcard | head -n 1", "total 16\n"),
        (
            "stat -c '%n %s %Y' /sdcard/words /sdcard",
            "/sdcard/words 14 0\n/sdcard 4096 1230768000\n",
        ),
        ("dd if=/sdcard/words bs=4 skip=1 count=2 2>/dev/null", "two\nthre"),
        ("cat /sdcard/words | dd bs=3 count=1 2>/dev/null", "one"),
        ("(dd if=/sdcard/words bs=14 >/dev/null) 2>&1 | head -n 2", "1+0 records in\n1+0 records out\n"),
        ("wc -c /sdcard/words", "14 /sdcard/words\n"),
        ("wc -l /sdcard/words /sdcard/words", "3 /sdcard/words\n3 /sdcard/words\n6 total\n"),
        ("head -c 5 /sdcard/words", "one\nt"),
        ("tail -n 1 /sdcard/words", "three\n"),
        ("tail -c 4 /sdcard/words", "ree\n"),
        ("echo -n 'a\\nb' | tail -n 1", "b"),
        ("tail -n 0 /sdcard/words; tail -c 0 /sdcard/words", ""),
    ],
)
def test_as_in_sh(script: str, out: str) -> None:
    assert run(script).out == out


def test_echo_interprets_backslashes_as_on_a_phone() -> None:
    assert run("x='a\\nb'; echo \"$x\"").out == "a\nb\n"
    assert run("echo -E 'a\\nb'").out == "a\\nb\n"


@pytest.mark.parametrize(
    "script",
    [
        "echo a &",
        "f() { echo a; }",
        "cat <<END",
        "echo `id`",
        "echo $((1 + 1))",
        "echo ${x:-y}",
        "echo $1",
        "echo a >&3",
        "! true",
        "{ echo a; }",
        "while true; do echo a; done",
        "cat </sdcard/words",
        "echo 'open",
        'echo "open',
        "if true; then echo a; fi",
        "for in a; do :; done",
        "case a in a) echo",
        "done",
        "( echo a",
        "()",
        "echo a ;; echo b",
        "| echo",
        "echo a |",
        "&& echo",
        "> ",
        "(" * 200 + "echo" + ")" * 200,
    ],
)
def test_what_is_not_understood_is_a_syntax_error_and_does_nothing(script: str) -> None:
    done = run("echo before\n" + script)
    assert "sh: syntax error" in done.err
    assert (done.code, done.out) == (1, "")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("for a in $x; do for b in $x; do for c in $x; do :; done; done; done", "too many commands"),
        ("y=aaaaaaaa; for a in $x; do y=$y$y; done", "out of memory"),
        ("y=aaaaaaaa; for a in $x; do y=$(echo $y$y); done", "out of memory"),
        ("echo > /sdcard/new", "can't create /sdcard/new"),
        ("echo x | grep '(x)*'", "unsupported pattern"),
        ("y=$(cat /sdcard/.long); echo ${y#*b}", "out of memory"),
        ("sleep soon", "bad number"),
        ("echo x | head -n many", "bad number"),
        ("reboot", "inaccessible or not found"),
        ("printf a", "inaccessible or not found"),
        ("/bin/sh -c id", "inaccessible or not found"),
    ],
)
def test_what_cannot_be_done_is_complained_of(script: str, words: str) -> None:
    done = run(f"x='{'1 ' * 99}'; {script}")
    assert words in done.err
    assert done.code != 0


def test_a_cancelled_command_stops() -> None:
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        run("sleep 100000", cancel)


def test_the_script_of_a_reader(desk: Callable[[str], Desk]) -> None:
    """The compound script that reads a phone comes back part by part, with exit codes."""
    done = desk("secure-folder").run(
        "set -f\n"
        'echo; echo "N begin getprop"; (getprop ro.fanion.practice) 2>&1; R=$?; echo; echo "N end getprop $R"\n'
        "U=$(pm list users 2>&1); R=$?\n"
        'echo "N begin users"; echo "$U"; echo; echo "N end users $R"\n'
        "for W in $U; do case $W in *UserInfo{[0-9]*) I=${W#*UserInfo{}; I=${I%%:*}; "
        'case $I in ""|*[!0-9]*) ;; *) echo "N begin packages $I"; (pm list packages --user $I) 2>&1; R=$?; '
        'echo; echo "N end packages $I $R";; esac;; esac; done\n'
    )
    marks = [line for line in done.out.splitlines() if line.startswith("N ")]
    assert marks == [
        "N begin getprop",
        "N end getprop 0",
        "N begin users",
        "N end users 0",
        "N begin packages 0",
        "N end packages 0 0",
        "N begin packages 150",
        "N end packages 150 0",
    ]
    assert (done.code, done.err) == (0, "")


@given(st.text(max_size=200))
def test_no_text_makes_the_shell_fail(script: str) -> None:
    run(script)


@given(st.text(st.sampled_from("$(){}[]<>|&;'\"\\`*?!#% \nabif10="), max_size=60))
def test_no_grammar_makes_the_shell_fail(script: str) -> None:
    run(script)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=100))
def test_quoted_text_arrives_unchanged(text: str) -> None:
    assert run(f"echo -nE {shlex.quote('<' + text)}").out == "<" + text
    assert run(f'x={shlex.quote("<" + text)}; echo -nE "$x"').out == "<" + text


@given(st.text("ab", max_size=10))
def test_cutting_follows_its_definition(value: str) -> None:
    """For a pattern that can end at several places."""
    done = run(f"x={value}; echo ${{x#*a}}-${{x##*a}}-${{x%a*}}-${{x%%a*}}")
    first, last = value.partition("a"), value.rpartition("a")
    cut = (first[2], last[2], last[0], first[0]) if "a" in value else (value,) * 4
    assert done.out == "-".join(cut) + "\n"


@given(st.text("ab*?[]!.", max_size=12))
def test_a_quoted_value_is_no_pattern(value: str) -> None:
    assert run(f"case '{value}' in '{value}') echo same;; esac").out == "same\n"
    assert run(f"x='{value}'; case 'b{value}' in \"$x\") echo same;; *) echo no;; esac").out == "no\n"


@pytest.mark.parametrize(
    "find", ["case $x in *a*a*a*a*a*a*a*a*a*b) echo found;; esac", "echo $x | grep 'a.*a.*a.*a.*a.*b'"]
)
def test_a_pattern_never_backtracks(find: str) -> None:
    """A match that would take years if it did."""
    assert run(f"x={'a' * 50_000}; {find}").out == ""


def test_nothing_here_can_start_a_program() -> None:
    """What a client sends is interpreted; no module of the practice phone could hand it to this computer."""
    folder = Path(simulator.__file__).parent
    for source in folder.rglob("*.py"):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        modules |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        if source.name == "certificates.py":  # OpenSSL takes a practice iPhone's keys from a file alone
            modules -= {"pathlib"}
        assert not modules & {
            "subprocess",
            "multiprocessing",
            "pty",
            "ctypes",
            "runpy",
            "shutil",
            "pathlib",
        }
        assert not names & {"eval", "exec", "compile", "open", "__import__"}
        used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "os"}
        assert used <= {"urandom"}


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("stat -c %s /nothing /sdcard/words", "stat: '/nothing': No such file or directory\n"),
        ("stat /sdcard/words", "stat: Needs -c FORMAT and 1 argument\n"),
        ("dd if=/nothing", "dd: /nothing: No such file or directory\n"),
        ("dd if=/sdcard", "dd: /sdcard: Is a directory\n"),
        ("dd if=/sdcard/words bs=0", "dd: bad bs\n"),
        ("dd if=/sdcard/words bs=x", "dd: bad bs\n"),
        ("dd if=/sdcard/words skip=-1", "dd: bad skip\n"),
        ("dd if=/sdcard/words conv=sync", "dd: bad arg: conv=sync\n"),
        ("dd if=/sdcard/words of=/sdcard/copy", "dd: bad arg: of=/sdcard/copy\n"),
        ("ls -R /sdcard", "ls: Unknown option 'R'\n"),
        ("wc -c /nothing", "wc: /nothing: No such file or directory\n"),
        ("tail -n x /sdcard/words", "tail: bad number 'x'\n"),
    ],
)
def test_looking_at_what_cannot_be_looked_at(script: str, complaint: str) -> None:
    done = run(script)
    assert done.code != 0
    assert done.err == complaint
