"""Orders, their requests, quotes and purchase orders, and what is to be done on them."""

from __future__ import annotations

from comptoir.store.record import Index, Key

QUOTE = "QUOTE#"
_SUPPLIER_TREASURY = "SUPPLIERTREASURY#"


def milestones(company: str) -> Key:
    """The milestones that a company's orders may have."""
    return Key(f"{company}#COMPANY", "MILESTONES")


def formalities(company: str) -> Key:
    """The formalities of a company."""
    return Key(f"{company}#COMPANY", "FORMALITIES")


def order(company: str, order: str) -> Key:
    """The head of an order."""
    return Key(f"{company}#ORDER#{order}", "HEAD")


def order_lines(company: str, order: str, chunk: int) -> Key:
    """A chunk of an order's requested products."""
    return Key(f"{company}#ORDER#{order}", f"LINES#{chunk:04d}")


def order_calculator(company: str, order: str) -> Key:
    """The price calculator of an order: forecast costs and wanted markup."""
    return Key(f"{company}#ORDER#{order}", "CALCULATOR")


def order_treasury(company: str, order: str) -> Key:
    """The treasury lines and invoiced quantities of an order's customer request."""
    return Key(f"{company}#ORDER#{order}", "TREASURY")


def order_billing(company: str, order: str) -> Key:
    """What the invoices of an order hold of it beside the quantities."""
    return Key(f"{company}#ORDER#{order}", "BILLING")


def supplier_request(company: str, order: str, supplier: str) -> Key:
    """The request of an order to one of its suppliers."""
    return Key(f"{company}#ORDER#{order}", f"SUPPLIER#{supplier}")


def supplier_treasury(company: str, order: str, supplier: str) -> Key:
    """The treasury lines of a supplier request."""
    return Key(f"{company}#ORDER#{order}", f"{_SUPPLIER_TREASURY}{supplier}")


def of_supplier(sheet: Key) -> bool:
    """Whether a sheet of treasury lines is that of a supplier request."""
    return sheet.sk.startswith(_SUPPLIER_TREASURY)


def purchase_order(company: str, order: str, supplier: str, version: int) -> Key:
    """A version of the purchase order of a supplier request."""
    return Key(f"{company}#ORDER#{order}", f"PURCHASEORDER#{supplier}#{version:04d}")


def purchase_order_lines(company: str, order: str, supplier: str, version: int, chunk: int) -> Key:
    """A chunk of the lines of a version of a purchase order."""
    return Key(f"{company}#ORDER#{order}", f"PURCHASEORDERLINES#{supplier}#{version:04d}#{chunk:04d}")


def quote(company: str, order: str, version: int) -> Key:
    """A version of an order's quote."""
    return Key(f"{company}#ORDER#{order}", f"QUOTE#{version:04d}")


def quote_lines(company: str, order: str, version: int, chunk: int) -> Key:
    """A chunk of the lines of a version of a quote."""
    return Key(f"{company}#ORDER#{order}", f"QUOTELINES#{version:04d}#{chunk:04d}")


def order_confirmation(company: str, order: str) -> Key:
    """The last attempt to confirm an order, and why it was refused."""
    return Key(f"{company}#ORDER#{order}", "CONFIRMATION")


def order_agenda(company: str, order: str) -> Key:
    """The actions of an order."""
    return Key(f"{company}#ORDER#{order}", "ACTIONS")


def by_status(company: str, operator: str | None, status: str, month: str | None, order: str) -> Index:
    """Index place of orders of a status, of the company or of an operator; of one month where `month` says so."""
    whose = f"OPERATOR#{operator}#ORDER" if operator else "ORDER"
    return (f"{company}#{whose}#{status}{f'#{month}' if month else ''}", order)


def due_actions(company: str, operator: str | None, order: str) -> Index:
    """Index place of orders with something to be done, of the company or of an operator, by day."""
    return (f"{company}#ACTIONS{f'#{operator}' if operator else ''}", order)
