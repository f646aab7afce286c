"""What the workflow and the writer say to one another: a request to issue, and its outcome."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from comptoir.access.model import Code
from comptoir.invoicing.model import Document
from comptoir.kernel.errors import Breach
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Label, Line
from comptoir.store import keys
from comptoir.store.record import Key


class IssueRequest(Model):
    """A draft to issue, in the version that was checked, and who asked for it.

    `date` is the final one where it is given (CRN-06), `comment` goes to the document base (DOC-02).
    `customer`, `order`, `invoice`, `template` and `taken_back`, the invoice that it takes back whole
    (INV-09), say what to read along with it, in one call.
    """

    document: Id
    version: int
    operator: Id
    operator_name: Line
    customer: Id
    order: Id | None = None
    invoice: Id | None = None
    taken_back: Id | None = None
    template: Code | None = None
    date: dt.date | None = None
    comment: Line | None = None

    @classmethod
    def of(cls, document: Document, version: int, operator: str, operator_name: str, **told: Any) -> IssueRequest:
        """The request for a draft as it was read; `told` is its final date and comment."""
        return cls(
            document=document.id,
            version=version,
            operator=operator,
            operator_name=operator_name,
            customer=document.customer,
            order=document.order,
            invoice=document.origin.document if document.origin else None,
            taken_back=document.taken_back.document if document.taken_back else None,
            template=document.template,
            **told,
        )

    def asked(self, document: Document) -> Document:
        """The draft with the final date and the comment that were given with the request."""
        told = {"wanted_date": self.date, "comment": self.comment}
        return document.change(**{name: value for name, value in told.items() if value is not None})

    def keys(self, company: str) -> list[Key]:
        """Everything that issuing this document reads of its own."""
        own = [keys.document(company, self.document), keys.party(company, self.customer), self.treasury(company)]
        own += [keys.template(company, self.template)] if self.template else []
        if self.taken_back:
            before = self.taken_back
            own += [keys.document(company, before), keys.document_balance(company, before)]
            own += [] if self.order else [keys.document_treasury(company, before)]
        if self.order:
            own += [keys.order(company, self.order)]
            own += [keys.order_billing(company, self.order)] if self.invoice or self.taken_back else []
        return own

    def treasury(self, company: str) -> Key:
        """Where its treasury lines lie: with its order, else with the invoice itself."""
        return keys.sheet(company, self.order, self.invoice or self.document)


class IssueStatus(StrEnum):
    """What became of a request."""

    ISSUED = "issued"
    TESTED = "tested"
    REFUSED = "refused"


class Outcome(Model):
    """The answer to one request: its number, or every breach."""

    document: Id
    outcome: IssueStatus
    number: Label | None = None
    sequence: int | None = None
    breaches: tuple[Breach, ...] = ()
