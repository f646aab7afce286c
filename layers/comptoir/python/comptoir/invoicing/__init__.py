"""Invoices and credit notes: drafts, issued snapshots, their validation."""
