"""Purchasing: what suppliers invoice, read or entered, matched with what was ordered and received, and paid."""
