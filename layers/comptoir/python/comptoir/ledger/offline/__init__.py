"""Verification that needs neither the product nor its libraries: the standard library and `cryptography` alone.

Every archive carries these very files, so that it can be verified for as long as there is a Python.
"""
