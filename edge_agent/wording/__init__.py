"""Words that people on the ward read, in each language; no I/O but its own catalogues."""
