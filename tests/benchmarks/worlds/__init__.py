"""Pairs of books each kept in its own way, of which is known what belongs to what."""
