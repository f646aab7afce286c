"""The one table of mentions: every row of RULES §1, in the order of the page."""

from __future__ import annotations

from comptoir.invoicing.mention_cases import IDENTITY, SPECIAL, TAKING_BACK
from comptoir.invoicing.mention_rows import GENERAL

TABLE = (*GENERAL, *IDENTITY, *SPECIAL, *TAKING_BACK)
"""The VAT cases of §1.3 stand in `catalogue.vat_cases`, each with its category and code."""
