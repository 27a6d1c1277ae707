"""What helps those who give support: the log of a run, and crash files."""
