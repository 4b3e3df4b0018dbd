"""Mail that came in: kept first, then understood, then acted upon (ITIP.md, In)."""
