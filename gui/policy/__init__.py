"""The policy page: what is banned, on whose authority, and how it is recognised; and what this desk may change."""
