"""The table engine: keys, codec, transactions, cursors, and their two backends."""
