"""What the rest of core needs of the operating system, the same for all."""
