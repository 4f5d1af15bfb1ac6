"""The JSON contract, one module per subject."""
