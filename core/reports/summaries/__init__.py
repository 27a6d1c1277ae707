"""Pages that count: the day, the month, the phones that are due."""
