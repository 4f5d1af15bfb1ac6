"""The scoring of one simulated patient's stay."""
