"""Handing a phone back: the form, what is said, and the holder's own screen."""
