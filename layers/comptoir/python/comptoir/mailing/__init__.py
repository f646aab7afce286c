"""Documents sent by mail: what is said, to whom, what became of each message (SUP-01, INV-12)."""
