"""Documents that people see and machines read: view models of strings, layouts, PDF/A-3 and Factur-X.

Imported by the rendering function alone, because fpdf2, lxml and factur-x are slow to load.
"""
