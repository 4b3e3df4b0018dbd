"""Participants before they are invited: what the sources list, who is meant by a reference or an address."""
