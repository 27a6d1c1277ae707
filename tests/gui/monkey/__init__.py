"""A monkey at the window: random keys, clicks, scans, phones and states of the bus, and what has to be true."""
