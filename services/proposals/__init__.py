"""Counter-proposals: other times that participants ask for from their mail programs (F28)."""
