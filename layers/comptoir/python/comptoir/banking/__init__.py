"""The bank: transfer orders, statements, matching and the cash forecast; what reads and writes XML is in `formats`."""
