"""The fiscal ledger: chains of signed entries, the series of numbers, periods, verification."""
