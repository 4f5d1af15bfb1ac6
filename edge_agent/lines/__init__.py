"""Lines: a source of bytes with a driver's session on it."""
