"""Files and folders: written whole, locked, owned, erased."""
