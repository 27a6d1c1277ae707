"""The list of a round's phones: read from a file, checked, and kept."""
