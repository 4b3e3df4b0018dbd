"""Notifications: what invitees and owners are told (F4, F22, F23)."""
