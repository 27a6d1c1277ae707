"""Many desks together: what a desk carries home, and the store in which head office brings it together."""
