"""Recorded vital signs, from files of several kinds, as feeds for a replay."""
