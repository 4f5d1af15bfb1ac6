"""Monitors, patients and recordings that behave like the real ones; no patient is real."""
