"""Practice phones on this computer, and what phones answered that are played as such."""
