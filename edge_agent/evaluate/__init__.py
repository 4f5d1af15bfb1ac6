"""Scores of a set of rules on simulated and on recorded patients, beside today's methods."""
