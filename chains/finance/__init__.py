"""Ratios of financial statements: what they are made of, where that stands, and what it comes to."""
