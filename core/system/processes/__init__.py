"""Other processes: which programs are trusted, how they are started, what they may take."""
