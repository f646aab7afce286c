"""Payment terms, instalments and treasury lines."""
