"""The company, its operators and profiles, what they may do, and the trace of what they did."""
