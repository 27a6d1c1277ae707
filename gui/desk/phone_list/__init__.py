"""The phones of a desk: the list at the left, their totals, and who just came."""
