"""The one writer: numbers, signs and issues, and runs the commands that the event chain records."""
