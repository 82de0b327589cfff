"""The inventory: every device, link, credential, threshold and planned window, written down once."""
