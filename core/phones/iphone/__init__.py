"""iPhones: what their states and answers mean, in words."""
