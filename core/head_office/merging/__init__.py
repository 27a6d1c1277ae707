"""Bringing the bundles of many desks together in one store."""
