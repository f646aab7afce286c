"""Customers, prospects, suppliers: who the company deals with."""
