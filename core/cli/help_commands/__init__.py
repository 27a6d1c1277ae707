"""Commands that help with the command line itself, and with what it says."""
