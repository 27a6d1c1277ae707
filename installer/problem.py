"""Why a build cannot go on."""

from __future__ import annotations


class BuildProblem(Exception):  # noqa: N818 - what the person at the keyboard reads, after which nothing more happens
    """What is wrong, and what to do: for the person who builds."""
