"""Invitations by mail: what is to be sent is written down in the transaction that causes it (F14–F19)."""
