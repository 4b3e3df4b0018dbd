"""A source that keeps every promise passes every check, written plain or async."""
