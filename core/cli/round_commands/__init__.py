"""``fanion round`` and what it is made of."""
