"""The books: accounts, entries made from what is issued and paid, the files that accountants take."""
