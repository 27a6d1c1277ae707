"""Icons, pictures and charts as they are drawn."""
