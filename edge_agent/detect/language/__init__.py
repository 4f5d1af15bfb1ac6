"""The rule language: rules, their files, signals and needs."""
