"""The light tasks of the state machines."""
