"""A rule set, its vectors, and the proof that they agree."""
