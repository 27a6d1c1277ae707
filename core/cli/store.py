"""``fanion store``: what head office has merged goes on to programs that it already runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli import store_questions
from core.cli.arguments import JSON, Actions, argument
from core.text import T


def add_arguments(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    store = argument("store", T("the store: see fanion merge"), T("STORE"), type=Path)
    actions = Actions(parser, common, store, JSON)
    store_questions.add(actions)
