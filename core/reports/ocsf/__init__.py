"""Records as events of the Open Cybersecurity Schema Framework."""
