"""The program on the ward gateway: monitors in, alerts out."""
