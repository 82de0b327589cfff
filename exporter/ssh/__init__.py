"""The transport to a device's CLI over SSH: the only place that knows netmiko and paramiko."""
