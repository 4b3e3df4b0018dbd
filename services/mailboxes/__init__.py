"""The mailboxes that invitations go out from and answers come in to: viewers' own, and the service's (F16)."""
