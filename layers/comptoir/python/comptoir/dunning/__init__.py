"""Payment reminders (*relances*): what is overdue, by steps, with penalties and indemnity (INV-12)."""
