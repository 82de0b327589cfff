"""What a step does, in terms of the ledger and the store that it is given."""
