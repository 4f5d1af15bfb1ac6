"""Device numerics to canonical vitals: units, plausibility, staleness."""
