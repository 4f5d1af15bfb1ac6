"""Where bytes come from; knows nothing of what they mean."""
