"""Mail that is fetched: the service's mailbox and viewers' own ones are watched by IMAP (RFC 9051, IDLE: RFC 2177)."""
