"""Statements about a bed for people: assessment, shown scores, explanations."""
