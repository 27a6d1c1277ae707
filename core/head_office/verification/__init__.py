"""Comparing a store with the entries, checkpoints and bundles that it was made of."""
