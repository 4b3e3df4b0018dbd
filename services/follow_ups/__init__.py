"""Follow-ups and their participants: what they are, how they are kept, and who sees and changes them."""
