"""Markup that comes from outside, and how it is read without trusting it. Heavy: it knows lxml."""
