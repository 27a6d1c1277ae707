"""The verdict of a phone, with what belongs to it."""
