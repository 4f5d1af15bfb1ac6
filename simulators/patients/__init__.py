"""Simulated patients: physiology, treatment, sensors and truth."""
