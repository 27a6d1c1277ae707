"""The lessons in the window: the strip of the open one, the list of all ten, and the training record."""
