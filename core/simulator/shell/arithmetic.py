"""`$(( ))` in the practice shell: whole numbers of 64 bits, the operators that ordinary scripts use, and variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

#: Bounds: the length of one expression, and how deep its parentheses may be nested.
MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 25

_TOKEN: Final = re.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})|\$?\{?([A-Za-z_][A-Za-z0-9_]*)\}?|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>&|^!~]))"
)
_NUMBER: Final = re.compile(r"-?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})")

#: The operators from the weakest to the strongest; those of one group go from left to right.
_LEVELS: Final = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)


class ArithmeticSyntaxError(Exception):
    """The expression makes no sense; the text says why."""


def evaluate(text: str, variables: Mapping[str, str]) -> int:
    """What `text` comes to. Raises ArithmeticSyntaxError."""
    reader = _Reader(_tokens(text), variables)
    value = reader.value(0)
    reader.end()
    return value


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_LENGTH:
        raise ArithmeticSyntaxError("too long")
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ArithmeticSyntaxError(f"unexpected '{text[at:].strip()[:1]}'")
        found.append(token[1] or token[2] or token[3])
        at = token.end()
    return found or ["0"]


class _Reader:
    """Evaluates from left to right while it reads."""

    def __init__(self, tokens: list[str], variables: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._variables = variables
        self._at = 0
        self._depth = 0

    def end(self) -> None:
        """Everything has been read."""
        if self._at < len(self._tokens):
            raise ArithmeticSyntaxError(f"unexpected '{self._tokens[self._at]}'")

    def value(self, level: int) -> int:
        """The value of what binds at least as strongly as `level`."""
        if level == len(_LEVELS):
            return self._single()
        left = self.value(level + 1)
        while self._next() in _LEVELS[level]:
            operator = self._take()
            left = _combined(operator, left, self.value(level + 1))
        return left

    def _single(self) -> int:
        signs = []
        while self._next() in ("-", "+", "!", "~"):
            signs.append(self._take())
        value = self._plain()
        for sign in reversed(signs):
            value = {"-": -value, "+": value, "!": int(value == 0), "~": ~value}[sign]
        return _wrapped(value)

    def _plain(self) -> int:
        word = self._take()
        if word == "(":
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise ArithmeticSyntaxError("nested too deeply")
            value = self.value(0)
            if self._take() != ")":
                raise ArithmeticSyntaxError("missing ')'")
            self._depth -= 1
            return value
        if word[:1].isalpha() or word[:1] == "_":
            word = self._variables.get(word, "").strip() or "0"
        if not _NUMBER.fullmatch(word):
            raise ArithmeticSyntaxError(f"unexpected '{word}'")
        return _wrapped(int(word, 16 if "x" in word.lower() else 10))

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token


def _combined(operator: str, left: int, right: int) -> int:
    if operator in ("/", "%"):
        if right == 0:
            raise ArithmeticSyntaxError("zero divisor")
        # As in C: towards zero.
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return _wrapped(quotient if operator == "/" else left - quotient * right)
    values = {
        "||": lambda: int(bool(left or right)),
        "&&": lambda: int(bool(left and right)),
        "|": lambda: left | right,
        "^": lambda: left ^ right,
        "&": lambda: left & right,
        "==": lambda: int(left == right),
        "!=": lambda: int(left != right),
        "<": lambda: int(left < right),
        "<=": lambda: int(left <= right),
        ">": lambda: int(left > right),
        ">=": lambda: int(left >= right),
        "<<": lambda: left << (right & 63),
        ">>": lambda: left >> (right & 63),
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
    }
    return _wrapped(values[operator]())


def _wrapped(value: int) -> int:
    """As much of it as 64 bits hold."""
    return (value + 2**63) % 2**64 - 2**63
