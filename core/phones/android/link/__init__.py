"""The ADB connection to one Android phone, and what goes wrong on it."""
