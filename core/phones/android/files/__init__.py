"""Apps' own files on an Android phone: where they are, and what they say."""
