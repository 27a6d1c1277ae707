"""What a department asks its store, and what is handed on of it."""
