"""Nurses' board: a ward's beds, alerts and answers as pages and a stream of events."""
