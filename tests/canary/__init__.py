"""Planted names, numbers and tokens, and the search for them."""
