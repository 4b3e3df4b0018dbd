"""`invito mail`: one command a module."""
