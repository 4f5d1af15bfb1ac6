"""The page of an evaluation: tables, plots and pictures."""
