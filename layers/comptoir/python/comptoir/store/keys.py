"""Every key of the table. Each partition key begins with the company (ACC-05).

Index partitions that work across companies (what is due) are the one exception: they hold no
business data, only identifiers, and no route reads them.
"""

from __future__ import annotations

from datetime import date

from comptoir.store.record import Index, Key

BLOCK = 100
"""Entries of a chain per partition: partitions stay bounded."""

_SHARDS = 16


def company(company: str) -> Key:
    """The company itself: legal identity and settings."""
    return Key(f"{company}#COMPANY", "HEAD")


def profiles(company: str) -> Key:
    """All profiles of a company, in one item read with every request."""
    return Key(f"{company}#COMPANY", "PROFILES")


def customisation(company: str) -> Key:
    """The custom fields and lists of tags of a company."""
    return Key(f"{company}#COMPANY", "CUSTOM")


def milestones(company: str) -> Key:
    """The milestones that a company's orders may have."""
    return Key(f"{company}#COMPANY", "MILESTONES")


def formalities(company: str) -> Key:
    """The formalities of a company."""
    return Key(f"{company}#COMPANY", "FORMALITIES")


def operator(company: str, operator: str) -> Key:
    """An operator."""
    return Key(f"{company}#OPERATOR#{operator}", "HEAD")


def operator_email(company: str, email: str) -> Key:
    """Holds an operator's e-mail address, in lower case, so that two operators never share one."""
    return Key(f"{company}#OPERATORMAIL#{email.lower()}", "CODE")


def idempotency(company: str, operator: str, token: str) -> Key:
    """The stored answer of a request that carried an Idempotency-Key."""
    return Key(f"{company}#IDEMPOTENCY#{operator}#{token}", "ANSWER")


def history(pk: str, at: str, event: str) -> Key:
    """A history entry of the object that lies in partition `pk`."""
    return Key(pk, f"HISTORY#{at}#{event}")


HISTORY = "HISTORY#"


def party(company: str, party: str) -> Key:
    """A party: customer, prospect, supplier."""
    return Key(f"{company}#PARTY#{party}", "HEAD")


def party_code(company: str, code: str) -> Key:
    """Holds a party's code, so that two parties never share one."""
    return Key(f"{company}#PARTYCODE#{code}", "CODE")


def reference(company: str, reference: str) -> Key:
    """A catalogue reference."""
    return Key(f"{company}#REFERENCE#{reference}", "HEAD")


def reference_code(company: str, code: str) -> Key:
    """Holds a reference's code."""
    return Key(f"{company}#REFERENCECODE#{code}", "CODE")


def grouping(company: str, grouping: str) -> Key:
    """A grouping of references."""
    return Key(f"{company}#GROUPING#{grouping}", "HEAD")


def special_prices(company: str, reference: str, owner: str) -> Key:
    """The prices of a reference for one customer or one price list."""
    return Key(f"{company}#REFERENCE#{reference}", f"{PRICES}{owner}")


PRICES = "PRICES#"


def price_list(company: str, price_list: str) -> Key:
    """A price list."""
    return Key(f"{company}#PRICELIST#{price_list}", "HEAD")


def by_owner(company: str, owner: str, order: str) -> Index:
    """Index place of the special prices of a customer or of a price list, by reference."""
    return (f"{company}#PRICES#{owner}", order)


def failed_indexing(thing: Key, version: int) -> Key:
    """A change of a thing whose search entries could not be written."""
    return Key(f"{thing.company}#SEARCH#FAILED", f"{thing.pk}#{version:012d}")


def export_job(company: str, job: str) -> Key:
    """An export and the file that it became."""
    return Key(f"{company}#EXPORT#{job}", "HEAD")


def import_job(company: str, job: str) -> Key:
    """An import and how far it has come."""
    return Key(f"{company}#IMPORT#{job}", "HEAD")


def import_rows(company: str, job: str, part: int) -> Key:
    """A part of the rows of an import."""
    return Key(f"{company}#IMPORT#{job}", f"ROWS#{part:04d}")


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


def supplier_request(company: str, order: str, supplier: str) -> Key:
    """The request of an order to one of its suppliers."""
    return Key(f"{company}#ORDER#{order}", f"SUPPLIER#{supplier}")


def supplier_treasury(company: str, order: str, supplier: str) -> Key:
    """The treasury lines of a supplier request."""
    return Key(f"{company}#ORDER#{order}", f"SUPPLIERTREASURY#{supplier}")


def ordered(company: str, supplier: str, year: int) -> Key:
    """What confirmed orders of a year have ordered from a supplier (PTY-03)."""
    return Key(f"{company}#PARTY#{supplier}", f"ORDERED#{year}")


def purchase_order(company: str, order: str, supplier: str, version: int) -> Key:
    """A version of the purchase order of a supplier request."""
    return Key(f"{company}#ORDER#{order}", f"PURCHASEORDER#{supplier}#{version:04d}")


def purchase_order_lines(company: str, order: str, supplier: str, version: int, chunk: int) -> Key:
    """A chunk of the lines of a version of a purchase order."""
    return Key(f"{company}#ORDER#{order}", f"PURCHASEORDERLINES#{supplier}#{version:04d}#{chunk:04d}")


def quote(company: str, order: str, version: int) -> Key:
    """A version of an order's quote."""
    return Key(f"{company}#ORDER#{order}", f"QUOTE#{version:04d}")


QUOTE = "QUOTE#"


def quote_lines(company: str, order: str, version: int, chunk: int) -> Key:
    """A chunk of the lines of a version of a quote."""
    return Key(f"{company}#ORDER#{order}", f"QUOTELINES#{version:04d}#{chunk:04d}")


def order_confirmation(company: str, order: str) -> Key:
    """The last attempt to confirm an order, and why it was refused."""
    return Key(f"{company}#ORDER#{order}", "CONFIRMATION")


def order_agenda(company: str, order: str) -> Key:
    """The actions of an order."""
    return Key(f"{company}#ORDER#{order}", "ACTIONS")


def filed(company: str, owner: str, owned: str, file: str) -> Key:
    """A document of the document base, in the partition of the order, party, contract or invoice that owns it."""
    return Key(f"{company}#FILES#{owner}#{owned}", f"{FILE}{file}")


FILE = "FILE#"


def upload(company: str, upload: str) -> Key:
    """A file that is to come, until it is checked."""
    return Key(f"{company}#UPLOAD#{upload}", "HEAD")


def image(company: str, sha256: str) -> Key:
    """An image of the company, by the hash of its bytes."""
    return Key(f"{company}#IMAGE#{sha256}", "HEAD")


def template(company: str, code: str) -> Key:
    """A template of documents."""
    return Key(f"{company}#TEMPLATE#{code}", "HEAD")


def default_template(company: str) -> Key:
    """Which template documents use that name none."""
    return Key(f"{company}#COMPANY", "TEMPLATE")


def portrait(company: str, operator: str) -> Key:
    """The picture of an operator on quotes."""
    return Key(f"{company}#OPERATOR#{operator}", "PORTRAIT")


def counter(company: str, name: str) -> Key:
    """The last number given in a plain numbering (orders, parties), which may have gaps."""
    return Key(f"{company}#COUNTER#{name}", "HEAD")


def document(company: str, document: str) -> Key:
    """An invoice or credit note: draft, then the head of the issued one."""
    return Key(f"{company}#DOC#{document}", "HEAD")


def document_balance(company: str, document: str) -> Key:
    """What credit notes, drafts included, have taken of an issued invoice (CRN-01)."""
    return Key(f"{company}#DOC#{document}", "BALANCE")


def document_treasury(company: str, document: str) -> Key:
    """The treasury lines of a document that no order made."""
    return Key(f"{company}#DOC#{document}", "TREASURY")


def document_refusal(company: str, document: str) -> Key:
    """Why the last validation of a draft was refused."""
    return Key(f"{company}#DOC#{document}", "REFUSAL")


def chain_head(company: str, chain: str) -> Key:
    """The head of a chain: last sequence, hash, date, number."""
    return Key(f"{company}#CHAIN#{chain}", "HEAD")


def chain_block(company: str, chain: str, sequence: int) -> str:
    """The partition of the block of entries that holds `sequence`."""
    return f"{company}#CHAIN#{chain}#{sequence // BLOCK:08d}"


def chain_entry(company: str, chain: str, sequence: int) -> Key:
    """One entry of a chain."""
    return Key(chain_block(company, chain, sequence), f"{sequence:012d}")


def month(company: str, day: date) -> Key:
    """The accounting month of a date: open or closed."""
    return Key(f"{company}#MONTH#{day:%Y-%m}", "HEAD")


def by_month(company: str, what: str, month: str, order: str) -> Index:
    """Index place of things listed by month (`what`: DOC, ORDER …), sorted by `order`."""
    return (f"{company}#{what}#{month}", order)


def by_kind(company: str, what: str, order: str) -> Index:
    """Index place of things listed all together, by name or code."""
    return (f"{company}#{what}", order)


def by_party(company: str, party: str, what: str, order: str) -> Index:
    """Index place of what hangs on a party, newest last."""
    return (f"{company}#PARTY#{party}#{what}", order)


def by_status(company: str, operator: str | None, status: str, month: str | None, order: str) -> Index:
    """Index place of orders of a status, of the company or of an operator; of one month where `month` says so."""
    whose = f"OPERATOR#{operator}#ORDER" if operator else "ORDER"
    return (f"{company}#{whose}#{status}{f'#{month}' if month else ''}", order)


def due_actions(company: str, operator: str | None, order: str) -> Index:
    """Index place of orders with something to be done, of the company or of an operator, by day."""
    return (f"{company}#ACTIONS{f'#{operator}' if operator else ''}", order)


def team(company: str, manager: str, order: str) -> Index:
    """Index place of the operators that a manager has."""
    return (f"{company}#TEAM#{manager}", order)


def due(what: str, company: str, order: str) -> Index:
    """Index place of work that a schedule drives again, spread over shards."""
    return (due_partition(what, sum(company.encode()) % _SHARDS), order)


def due_partition(what: str, shard: int) -> str:
    """One shard of the work of a kind."""
    return f"DUE#{what}#{shard:02d}"


SHARDS = range(_SHARDS)
