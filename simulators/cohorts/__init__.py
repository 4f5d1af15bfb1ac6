"""Cohorts: thousands of simulated patients from one small file."""
