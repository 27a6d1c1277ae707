"""Property lists, in XML and in Apple's binary form."""
