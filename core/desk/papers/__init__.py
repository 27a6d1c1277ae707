"""What a desk hands out of its log and its rounds, and what that leaves on record."""
