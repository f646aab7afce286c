"""Closings: days, months and fiscal years that are over are totalled, signed and shut (FIS-03)."""
