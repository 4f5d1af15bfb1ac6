"""Measured promises: one module each, a table or one JSON object."""
