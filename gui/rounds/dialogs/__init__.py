"""The dialogs of the Round page."""
