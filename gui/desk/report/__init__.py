"""Reporting a phone that was read wrong: the officer reads the file of its answers before it is saved."""
