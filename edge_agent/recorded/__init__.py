"""Vital signs that were recorded, from files of several kinds, as feeds for a replay."""
