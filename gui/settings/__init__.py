"""The settings: what applies, who has set it, and what may be changed here."""
