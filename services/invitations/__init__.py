"""The use cases of the Invitation dialog: creating, changing and answering follow-ups, and looking at them."""
