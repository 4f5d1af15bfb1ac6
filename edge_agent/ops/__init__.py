"""The agent as a service of its machine: watchdog, installation, health, metrics."""
