"""Ways out: each brings notices to people, and tells whether they arrived."""
