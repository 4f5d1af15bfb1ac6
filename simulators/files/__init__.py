"""Readers of the texts people write for the simulators."""
