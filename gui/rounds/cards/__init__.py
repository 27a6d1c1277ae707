"""The cards of the Round page."""
