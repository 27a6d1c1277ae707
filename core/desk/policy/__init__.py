"""Choosing, importing and changing the policy of a desk; granting exceptions."""
