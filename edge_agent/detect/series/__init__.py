"""Stored signals of a bed: rings, tracks and sites of measurement."""
