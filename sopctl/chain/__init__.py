"""The SOP's seven steps as a pure state machine over events. No input, no output, no clock."""
