"""What a barcode reader reads at the desk, and what is said of it."""
