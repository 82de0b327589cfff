"""What the CLI of each platform is asked and how its answers are read: data, and its models."""
