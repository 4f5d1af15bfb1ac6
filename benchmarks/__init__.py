"""Benchmarks of promised figures: one module each, printing a table or one JSON object."""
