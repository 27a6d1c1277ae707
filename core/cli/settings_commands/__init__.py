"""``fanion settings``: what is set on this computer, and going back to the standard."""
