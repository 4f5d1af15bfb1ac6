"""Nonin pulse oximeters."""
