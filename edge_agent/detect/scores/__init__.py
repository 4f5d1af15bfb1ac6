"""Scores and grades: NEWS2, MEWS, Bedside PEWS, qSOFA, indices, CRS score, CRS grade, ICANS."""
