"""What clients send, and how it becomes what the use cases are asked. Null means the default where there is one."""
