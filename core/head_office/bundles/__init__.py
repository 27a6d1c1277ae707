"""What a desk carries home: a bundle of its log, written, encrypted, and read again."""
