"""Field audits: which phones must be seen, which were, and what is left to do."""
