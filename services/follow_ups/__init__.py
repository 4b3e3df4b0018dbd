"""Follow-ups and their participants: the use cases of the Invitation dialog and the rules they follow."""
