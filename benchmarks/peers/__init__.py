"""What Invito's pages are measured beside: the same operation, answered from the same rows by others."""
