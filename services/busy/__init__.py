"""Who is busy when: busy spans in a table of their own, so that conflict search is one indexed query (F9)."""
