"""The outside of sopctl: Prometheus, the ledger, the files, the document. Each module reaches one thing."""
