"""Credit notes that leave the VAT of their invoice as it is: « Net de taxe » (CGI art. 272-1, RULES §1.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from comptoir.catalogue.pricing import Totals, VatCase, totals
from comptoir.catalogue.vat_cases import category_of, exemptions
from comptoir.invoicing.model import CreditType, DraftLine
from comptoir.invoicing.snapshot import InvoiceType, Snapshot
from comptoir.kernel.errors import Breach, refuse_if

_EARLY, _EARLY_VAT = "early_payment", "early_payment_vat"


def promised(invoice: Snapshot, kind: CreditType) -> bool:
    """Whether a credit note of this kind keeps the VAT unless somebody says otherwise.

    The discount does whose invoice offered it without saying that it reduces the recoverable VAT (INV-15).
    """
    codes = {mention.code for mention in invoice.mentions}
    return kind is CreditType.EARLY_PAYMENT_DISCOUNT and _EARLY in codes and _EARLY_VAT not in codes


def credited(
    invoice: Snapshot, lines: Sequence[DraftLine], summed: Totals, vat_kept: bool, day: date
) -> dict[str, Any]:
    """The fields of a credit note of these lines: at the rates of its invoice, or net of tax.

    Net of tax it takes as much of each rate of the invoice all the same, so that no VAT is corrected twice.
    Errors: `Refused` where there is no VAT to keep, or it has to be corrected: that of a down payment.
    """
    if not vat_kept:
        return {"lines": tuple(lines), "totals": summed, "vat_kept": False, "held": ()}
    refuse_if([*_untaxed(lines), *([_DOWN_PAYMENT] if invoice.invoice_type is InvoiceType.DOWN_PAYMENT else [])])
    category = category_of(VatCase.VAT_KEPT)
    net = tuple(line.change(priced=line.priced.change(vat_rate=Decimal(0), vat_category=category)) for line in lines)
    reasons = exemptions([VatCase.VAT_KEPT], invoice.language, day)
    after = totals((line.priced for line in net), invoice.currency, reasons)
    return {"lines": net, "totals": after, "vat_kept": True, "held": summed.rows}


def _untaxed(lines: Sequence[DraftLine]) -> list[Breach]:
    fr, en = "Cette ligne n'a pas de TVA à conserver.", "This line has no VAT to keep."
    return [
        Breach(code="no_vat_to_keep", fr=fr, en=en, pointer=f"/lines/{number}")
        for number, line in enumerate(lines)
        if not line.priced.vat_rate
    ]


_DOWN_PAYMENT = Breach(
    code="vat_of_down_payment",
    fr="La TVA d'un acompte se rectifie avec lui : l'avoir ne peut pas être net de taxe.",
    en="The VAT of a down payment is corrected with it: the credit note cannot be net of tax.",
    pointer="/vat_kept",
)
