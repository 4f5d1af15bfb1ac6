"""Where readings and alerts go; each with a cursor over the journal."""
