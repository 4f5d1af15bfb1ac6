"""Accounts of the staff, their log-ins and sessions, and the acts that each role allows."""
