"""The device side of each monitor protocol, written from the protocol documents."""
