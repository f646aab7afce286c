"""Comptoir: the business of a French trading company, apart from any transport or cloud call."""
