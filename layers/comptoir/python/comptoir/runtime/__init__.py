"""Where ports meet AWS: adapters, and the composition of each function's services."""
