"""What is read from a device, one module a collector; table.py lists them all."""
