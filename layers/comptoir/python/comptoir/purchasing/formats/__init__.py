"""Invoices of others, read from their files. Heavy: it knows factur-x and lxml."""
