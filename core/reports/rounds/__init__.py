"""The report of a round, on paper and as tables."""
