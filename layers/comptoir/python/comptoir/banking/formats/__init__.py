"""Bank files, with lxml: pain.001 written and checked, statements read; imported by the bank function alone."""
