"""Sources of bytes, which do not interpret them."""
