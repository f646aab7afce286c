"""The document base: templates, uploads, and every document of an order, party, contract or invoice (DOC, QUO-06)."""
