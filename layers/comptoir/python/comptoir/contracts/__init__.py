"""Contracts of customers and suppliers: periods, terms, renewal, actions before it, termination (CTR-01 to CTR-06)."""
