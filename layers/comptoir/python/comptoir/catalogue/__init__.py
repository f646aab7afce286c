"""References, VAT rates and the pricing of lines."""
