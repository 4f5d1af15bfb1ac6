"""Simulated wards: beds, lines, and their faults."""
