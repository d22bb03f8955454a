"""Tiny models that tests make on the spot: nothing is downloaded."""
