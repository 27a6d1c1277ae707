"""Phones: which are there, in what state, and how one is read and changed.

A platform's package gives a :class:`core.phones.driver.Driver`; nothing downstream knows which platform it is. Nothing
in here knows what is banned or where things are recorded.
"""
