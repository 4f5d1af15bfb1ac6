"""Clients of servers, shared by sinks, ways out and commands: HTTP, TLS, MQTT."""
