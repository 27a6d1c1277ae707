"""Hostile bytes for every parser: one target each, and a runner. ``python -m tests.fuzz --list`` names them."""
