"""The life of an alert, from pending to resolved."""
