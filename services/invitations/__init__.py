"""What the viewer is invited to, and what others answered (F22, F23)."""
