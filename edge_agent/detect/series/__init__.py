"""Stored signals of a bed: rings, tracks and places of measurement."""
