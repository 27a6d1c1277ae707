"""What is set at a desk, by whom, and where it is kept."""
