"""The formulas of the detector over recorded stays; no I/O."""
