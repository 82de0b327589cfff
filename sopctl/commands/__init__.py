"""The commands of sopctl, one small module each; the only place that prints."""
