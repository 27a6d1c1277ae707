"""Pages and files to hand out, made only out of the ledger's records: nothing in here remembers anything."""
