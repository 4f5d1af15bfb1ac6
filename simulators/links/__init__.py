"""Pseudo-terminals, network connections, and the damage done to bytes on them."""
