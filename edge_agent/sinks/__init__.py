"""Receivers of readings and alerts, each with a cursor over the journal."""
