"""Fanion's core: everything that needs no window.

Data flows one way, as immutable values: phones -> inventory -> policy -> removal -> ledger -> reports.
Nothing in here imports Qt.
"""

__version__ = "0.9.0"
