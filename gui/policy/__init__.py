"""The policy page: what is banned, on whose word, and by which ids it is known. It reads and changes nothing."""
