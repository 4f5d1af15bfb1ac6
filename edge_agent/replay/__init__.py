"""Replays of recorded files through a real agent, as if live."""
