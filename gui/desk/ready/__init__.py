"""A phone that cannot be read yet, and what makes it ready."""
