"""Whether mail from the service's address is likely to be taken, and answers to arrive: what DNS and servers say."""
