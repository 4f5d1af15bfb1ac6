"""Statements about a bed for people: assessment, shown scores, facts behind alerts."""
