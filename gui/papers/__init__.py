"""Papers and files that leave the computer: receipts, checkpoints, the daily close, keys, time stamps."""
