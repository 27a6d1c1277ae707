"""Which phones of a round were seen, and how each was left."""
