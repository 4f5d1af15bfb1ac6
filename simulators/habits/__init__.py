"""Faults and habits of staff on a simulated ward, and its people's traits and pains."""
