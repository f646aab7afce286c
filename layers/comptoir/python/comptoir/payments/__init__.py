"""Payments of customers, their counter-entries, refunds, and credit notes deducted."""
