"""The ledger: what was found and done, written down once and never changed.

`core.ledger.writer.Ledger` writes, `core.ledger.reader.LedgerReader` reads, `core.ledger.records` says what can be
written.
"""
