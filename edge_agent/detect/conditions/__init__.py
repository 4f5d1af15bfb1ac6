"""Conditions of rules: three-valued answers and their grounds."""
