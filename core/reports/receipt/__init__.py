"""The papers about one check, for an auditor and for the phone's holder; and comparing one with the log."""
