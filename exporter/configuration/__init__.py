"""What is made of a device's configuration: cleaning, rules, versions. Knows no transport."""
