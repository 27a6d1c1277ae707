"""The mini shell: what it understands it does as sh does; everything else it refuses."""

from __future__ import annotations

import ast
import fnmatch
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import simulator
from core.jobs import Cancel
from core.model import Cancelled
from core.simulator.commands.tools import tools
from core.simulator.model.files import FileTree
from core.simulator.shell import arithmetic, patterns
from core.simulator.shell.shell import Shell
from core.simulator.shell.streams import Io
from tests.unit.simulator.conftest import Desk, Ran


def run(script: str, cancel: Cancel | None = None) -> Ran:
    """Run `script` with the small tools only."""
    out, err = bytearray(), bytearray()
    files = FileTree()
    files.write("/sdcard/words", b"one\ntwo\nthree\n", 0o644, 0)
    code = Shell(tools(files), files).run(script, Io(out.extend, err.extend, cancel or Cancel()))
    return Ran(code, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape"))


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("echo a; echo b", "a\nb\n"),
        ("echo a\necho b # not this\n# nor this\n", "a\nb\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("! false; echo $?; ! true; echo $?", "0\n1\n"),
        ("x=5; echo $x ${x} \"$x\" '$x' \\$x", "5 5 5 $x $x\n"),
        ("x='a  b'; echo $x; echo \"$x\"", "a b\na  b\n"),
        ("x=a:b:c; echo ${x#*:} ${x##*:} ${x%:*} ${x%%:*}", "b:c c a:b a\n"),
        ("x=abc; echo ${x#z} ${x%[!a-c]} ${x%?}", "abc abc ab\n"),
        ('x="a*b"; echo ${x#"a*"} ${x#a*}', "b *b\n"),
        ('x=$(echo hi; echo there); echo "$x"', "hi\nthere\n"),
        ("x=$(exit 3); echo $?", "3\n"),
        ("x=$(exit 3)$(exit 4); y=$?; echo $y", "4\n"),
        ("(exit 3); echo $?", "3\n"),
        ("x=1; (x=2); echo $x; { x=3; }; echo $x", "1\n3\n"),
        ("for w in a 'b c' $(echo d e); do echo \"<$w>\"; done", "<a>\n<b c>\n<d>\n<e>\n"),
        ("e=; for w in $e; do echo never; done; echo end", "end\n"),
        ('e=; for w in "$e"; do echo "<$w>"; done', "<>\n"),
        ("case abc in x|a*) echo one;; *) echo two;; esac", "one\n"),
        ("case 10 in ''|*[!0-9]*) echo no;; *) echo number;; esac", "number\n"),
        ("case '*' in \\*) echo star;; esac", "star\n"),
        ("case a in (b) echo b;; (a) echo a; esac", "a\n"),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n"),
        ("if false; then echo a; fi; echo $?", "0\n"),
        ('x=; while [ "$x" != aaa ]; do x=${x}a; echo $x; done', "a\naa\naaa\n"),
        ('echo a b | while read -r x y; do echo "$y $x"; done', "b a\n"),
        ("echo ' x ' | while IFS= read -r x; do echo \"<$x>\"; done", "< x >\n"),
        ("echo out; echo err >&2", "out\n"),
        ("(echo out; echo err >&2) 2>&1", "out\nerr\n"),
        ("nothing 2>/dev/null; echo $?", "127\n"),
        ("echo out >/dev/null; echo out 1>/dev/null", ""),
        ("set -f; echo *", "*\n"),
        ("echo a\\\nb", "ab\n"),
        ("x=1; x=2 true; echo $x", "1\n"),
        ("echo -n a; echo b", "ab\n"),
        ("printf '%s=%d\\n' a 1 b 2", "a=1\nb=2\n"),
        ("test -n x && [ 2 -gt 1 ] && [ -f /sdcard/words ] && [ -d /sdcard ] && [ ! -e /nothing ] && echo ok", "ok\n"),
        ("cat /sdcard/words", "one\ntwo\nthree\n"),
        ("cat </sdcard/words | head -n 1", "one\n"),
        ("cat /sdcard/words | grep o | wc -l", "2\n"),
        ("cat /sdcard/words | grep -v -c o", "1\n"),
        ("grep -i TWO /sdcard/words", "two\n"),
        ("cat /sdcard/words | grep -E '^(o)' ; echo $?", "2\n"),
        ("cat /sdcard/words | grep -E '^o.*e$|^tw'", "one\ntwo\n"),
        ("echo 'a.b{1' | grep 'a\\.b{[0-9]'", "a.b{1\n"),
        ("echo 'a.b' | grep -F 'a.b'; echo 'axb' | grep -F a.b; echo $?", "a.b\n1\n"),
        ("cat /sdcard/words | sort | head -n 2", "one\nthree\n"),
        ("cat /sdcard/words /sdcard/words | sort -u -r", "two\nthree\none\n"),
        ("wc -l </dev/null", "0\n"),
        ("ls /sdcard", "Download\nwords\n"),
        ("ls -l /sdcard/words", "-rw-r--r-- 1 system system 14 1970-01-01 00:00 /sdcard/words\n"),
        ("ls -ld /sdcard", "drwxrwx--x 2 system system 4096 2009-01-01 00:00 /sdcard\n"),
        ("ls -l /sdcard | head -n 1", "total 8\n"),
        (
            "stat -c '%n %s %a %F %%' /sdcard/words /sdcard",
            "/sdcard/words 14 644 regular file %\n/sdcard 4096 771 directory %\n",
        ),
        ("dd if=/sdcard/words bs=4 skip=1 count=2 2>/dev/null", "two\nthre"),
        ("dd if=/sdcard/words bs=4 skip=3 count=9 status=none", "e\n"),
        ("dd if=/sdcard/words bs=1k skip=7 2>/dev/null; echo $?", "0\n"),
        ("dd if=/sdcard/words iflag=skip_bytes,count_bytes bs=4096 skip=4 count=3 2>/dev/null", "two"),
        ("cat /sdcard/words | dd bs=3 count=1 2>/dev/null", "one"),
        ("dd if=/sdcard/words of=/dev/null bs=14 2>&1 | head -n 2", "1+0 records in\n1+0 records out\n"),
        ("wc -c /sdcard/words", "14 /sdcard/words\n"),
        ("wc -l /sdcard/words /sdcard/words", "3 /sdcard/words\n3 /sdcard/words\n6 total\n"),
        ("wc -c </sdcard/words", "14\n"),
        ("head -c 5 /sdcard/words", "one\nt"),
        ("tail -n 1 /sdcard/words", "three\n"),
        ("tail -c 4 /sdcard/words", "ree\n"),
        ("printf 'a\\nb' | tail -n 1", "b"),
        ("tail -n 0 /sdcard/words; tail -c 0 /sdcard/words", ""),
        ("test -s /sdcard/words && [ -r /sdcard/words ] && [ ! -s /nothing ] && echo ok", "ok\n"),
        ("echo $((1 + 2 * 3)) $(( (1 + 2) * 3 )) $((7 / -2)) $((-7 % 3)) $((1 << 4 | 1))", "7 9 -3 -1 17\n"),
        ("x=5; echo $((x * 2)) $(($x + ${x})) $((y)) $((x > 4 && x != 6)) $((!x)) $((~0))", "10 10 0 1 0 -1\n"),
        ("echo $((0x10)) $((9223372036854775807 + 1))", "16 -9223372036854775808\n"),
        ('x=; echo ${x:-a b} "${x-c}" ${y-d} ${x:+e} ${HOME:+f}', "a b  d f\n"),
        ("x=ab; echo ${y:-${x}c}", "abc\n"),
        ("for x in 1 2 3; do [ $x = 2 ] && continue; echo $x; done", "1\n3\n"),
        ("for x in 1 2; do for y in a b; do [ $y = b ] && break 2; echo $x$y; done; done; echo end", "1a\nend\n"),
        ("for x in 1 2; do for y in a b; do [ $y = b ] && continue 2; echo $x$y; done; done", "1a\n2a\n"),
        ("x=0; until [ $x -ge 2 ]; do x=$((x + 1)); echo $x; done", "1\n2\n"),
        ("while true; do break; done; echo $?; break; echo on", "0\non\n"),
        ("for x in 1 2; do (break; echo in); echo out; done", "in\nout\nin\nout\n"),
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
        "echo $((1 + 1)",
        "echo $((1 + $(echo 1)))",
        "echo ${x:=y}",
        "until false; done",
        "echo 'open",
        'echo "open',
        "if true; then echo a",
        "if true; fi",
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
        ("while true; do :; done", "too many commands"),
        ("x=aaaaaaaa; while true; do x=$x$x; done", "out of memory"),
        ("x=a; " + "y=$x; " * 3 + "echo > /sdcard/new", "can't create /sdcard/new"),
        ("cat < /nothing", "can't open /nothing"),
        ("[ 1 -eq x ]", "bad expression"),
        ("sleep soon", "bad number"),
        ("echo x | head -n many", "bad number"),
        ("set -o pipefail", "unknown option"),
        ("reboot", "inaccessible or not found"),
        ("/bin/sh -c id", "inaccessible or not found"),
    ],
)
def test_what_cannot_be_done_is_complained_of(script: str, words: str) -> None:
    done = run(script)
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
        "N end packages 150 255",
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
    assert run(f"printf %s {shlex.quote(text)}").out == text
    assert run(f'x={shlex.quote(text)}; printf %s "$x"').out == text


@given(st.text("ab*?[]!", max_size=12), st.text("ab", max_size=12))
def test_patterns_are_those_of_fnmatch(pattern: str, value: str) -> None:
    assert patterns.matches(value, patterns.elements([(pattern, True)])) == fnmatch.fnmatchcase(value, pattern)


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=10), st.booleans())
def test_cutting_follows_its_definition(pattern: str, value: str, longest: bool) -> None:
    wanted = patterns.elements([(pattern, True)])
    lengths = [n for n in range(len(value) + 1) if fnmatch.fnmatchcase(value[:n], pattern)]
    cut = (max(lengths) if longest else min(lengths)) if lengths else 0
    assert patterns.without_prefix(value, wanted, longest=longest) == value[cut:]
    lengths = [n for n in range(len(value) + 1) if fnmatch.fnmatchcase(value[len(value) - n :], pattern)]
    cut = (max(lengths) if longest else min(lengths)) if lengths else 0
    assert patterns.without_suffix(value, wanted, longest=longest) == value[: len(value) - cut]


def test_a_pattern_never_backtracks() -> None:
    """A match that would take years if it did."""
    wanted = patterns.elements([("*a" * 100 + "b", True)])
    assert not patterns.matches("a" * 50_000, wanted)


def test_nothing_here_can_start_a_program() -> None:
    """What a client sends is interpreted; no module of the practice phone could hand it to this computer."""
    folder = Path(simulator.__file__).parent
    for source in folder.glob("*.py"):
        tree = ast.parse(source.read_text(encoding="utf-8"))
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        modules |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
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
    "expression", ["1 / 0", "5 % 0", "1 +", "()", "1 2", "x y", "1 ? 2 : 3", "(" * 40 + "1" + ")" * 40]
)
def test_an_expression_that_makes_no_sense_ends_the_script(expression: str) -> None:
    done = run(f"echo before; echo $(({expression})); echo after")
    assert (done.code, done.out) == (1, "before\n")
    assert done.err.startswith("/system/bin/sh: ")


@given(st.text(alphabet="01259xf+-*/%()<>&|!~^=ab ${}", max_size=60))
def test_any_expression_gives_a_number_of_64_bits_or_a_complaint(expression: str) -> None:
    try:
        value = arithmetic.evaluate(expression, {"a": "7", "b": "x"})
    except arithmetic.ArithmeticSyntaxError:
        return
    assert -(2**63) <= value < 2**63


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
        ("dd if=/sdcard/words iflag=direct", "dd: bad iflag\n"),
        ("dd if=/sdcard/words conv=sync", "dd: bad arg: conv=sync\n"),
        ("dd if=/sdcard/words of=/sdcard/copy", "dd: /sdcard/copy: Permission denied\n"),
        ("ls -R /sdcard", "ls: Unknown option 'R'\n"),
        ("wc -c /nothing", "wc: /nothing: No such file or directory\n"),
        ("tail -c 99999999 /sdcard/words", "tail: out of memory\n"),
        ("tail -n x /sdcard/words", "tail: bad number 'x'\n"),
    ],
)
def test_looking_at_what_cannot_be_looked_at(script: str, complaint: str) -> None:
    done = run(script)
    assert done.code != 0
    assert done.err == complaint
