"""People's commands, over MQTT or to the agent on the same machine, and their view of a ward."""
