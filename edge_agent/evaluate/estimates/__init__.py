"""Figures with their intervals and their targets."""
