"""What is measured, each beside what it is measured against: `make bench`."""
