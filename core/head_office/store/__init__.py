"""The store of head office: its files, their list, and the rows of its tables."""
