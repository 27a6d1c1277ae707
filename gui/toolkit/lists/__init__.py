"""Tables, and pages with a list beside what is chosen in it."""
