"""Named courses of simulated patients."""
