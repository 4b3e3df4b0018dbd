"""What the program does, knowing nothing of GraphQL or HTTP: use cases, rules, storage."""
