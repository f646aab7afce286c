"""Archives: a closed month or fiscal year in one locked package that needs nobody to be read (FIS-05, RULES §3.5)."""
