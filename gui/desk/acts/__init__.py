"""What an officer can do on the Desk page: a row for each act, and the keys, entries and buttons that rows become."""
