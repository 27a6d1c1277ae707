"""What an Android phone's own commands print, read and accounted for."""
