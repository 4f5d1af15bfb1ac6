"""People's commands over MQTT, and their view of a ward."""
