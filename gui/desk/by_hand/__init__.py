"""What is done or looked at on the phone itself."""
