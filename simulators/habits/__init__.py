"""Faults and habits of staff on a simulated ward, which act on readings and entries alone."""
