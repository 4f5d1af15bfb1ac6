"""Device numerics to canonical vitals: units, plausibility, times of measurement."""
