"""Orders: offers, quotes, confirmation."""
