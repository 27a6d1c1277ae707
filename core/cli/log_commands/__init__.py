"""``fanion log`` and what it is made of."""
