"""What is read from a device, system and interfaces in code, the rest by profiles."""
