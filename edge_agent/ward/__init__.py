"""The logic of a ward: pipeline, monitors, occupancy, restarts; no I/O."""
