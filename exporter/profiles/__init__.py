"""What each family of devices shows where: YAML that a person writes, its shape, its checks, its choice."""
