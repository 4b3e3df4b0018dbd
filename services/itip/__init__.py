"""Invitations as iCalendar objects (RFC 5545, 5546): the rules, without I/O."""
