"""From gateway.toml to a frozen `AgentConfig`; all errors at once, each with its key."""
