"""The apps of a phone, and one finding in full."""
