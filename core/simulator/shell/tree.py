"""The tree of a practice shell's script, as :mod:`core.simulator.shell.syntax` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands. In quotes, no character of it is special."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`, or `${name#pattern}` with one of the operators ``# ## % %%``, or with one of DEFAULTS and a word."""

    name: str
    quoted: bool
    operator: str = ""
    pattern: Word | None = None


#: What stands between a name and the word that stands in for it: where the variable is not set, or (with a colon) is
#: empty; with a plus, where it is set.
DEFAULTS: Final = frozenset({"-", ":-", "+", ":+"})


@dataclass(frozen=True, slots=True)
class Substitution:
    """`$(commands)`."""

    body: Body
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((text))`."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Word:
    """One word before expansion."""

    parts: tuple[Literal | Parameter | Substitution | Arithmetic, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """`2>&1`, `>/dev/null`, `</dev/null`: the descriptor, the operator, the target."""

    descriptor: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, then a command's words."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`( )`, which cannot change the variables outside, or `{ }`, which can."""

    body: Body
    subshell: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    """Conditions and what follows from each, in order; then the `else` part."""

    branches: tuple[tuple[Body, Body], ...]
    otherwise: Body
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    """`for name in words`."""

    name: str
    words: tuple[Word, ...]
    body: Body
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """`while condition`, or `until condition`."""

    condition: Body
    body: Body
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """`case word in pattern|pattern) ... ;; esac`."""

    subject: Word
    branches: tuple[tuple[tuple[Word, ...], Body], ...]
    redirects: tuple[Redirect, ...] = ()


Command = Simple | Group | If | For | While | Case


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`, with or without a `!` in front."""

    commands: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """Pipelines joined by `&&` and `||`."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]


Body = tuple[Chain, ...]
