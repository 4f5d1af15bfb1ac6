"""The gateway's durable memory: one SQLite file, one connection, one thread."""
