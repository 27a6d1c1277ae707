"""The Round page: how a field audit stands."""
