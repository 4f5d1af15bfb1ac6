"""Scores a set of rules on simulated and on recorded patients, beside what is used today."""
