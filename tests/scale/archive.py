"""A company with a hundred thousand of everything, laid into the table as copies of what it has one of.

All documents, drafts and orders lie in one month and belong to one customer: the worst case for a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.model import CreditType, Document, DocumentStatus, File
from comptoir.invoicing.snapshot import DocumentKind, Origin
from comptoir.kernel.ids import derived_id
from comptoir.kernel.text import sha256
from comptoir.ledger.items import ENTRY, HEAD
from comptoir.ledger.model import ORIGIN, ChainName, Entry, Head
from comptoir.store import keys
from comptoir.store.backend import MAX_OPERATIONS, Put, Query
from comptoir.store.record import Key, Record
from comptoir.treasury.items import TREASURY
from comptoir.treasury.model import Debtor, Treasury, TreasuryLine, TreasuryStatus
from tests.api.furniture import Furnished
from tests.api.office import Office
from tests.golden import snapshots

DAY, AT = date(2026, 11, 21), "2026-11-21T09:30:00.000000Z"

FEW = 1000
"""At most so many operators; history entries of one object and versions of one quote stop at ten times that."""

_SORTS = {"draft": "D", "order": "C", "party": "P", "reference": "R", "operator": "A", "payment": "E"}
_SEQUENCE, _NUMBER = 987654321, "FA2026-PROTOTYPE"


@dataclass
class Archive:
    """A company whose table is filled with copies of what it has one of.

    `names` are the identifiers that paths take, among the copies where there are any; `own` those of what was copied.
    """

    office: Office
    names: dict[str, str]
    own: dict[str, str]
    company: str

    @classmethod
    def of(cls, count: int) -> Archive:
        """A company with `count` of everything."""
        office = Office()
        names = Furnished(office).names
        # What searching costs is a figure of its own (tests.scale.search).
        office.backend.stream = None
        archive = cls(office, dict(names), names, office.companies[0])
        archive.names |= {"chain": "documents", "middle": str(max(1, count // 2 // keys.BLOCK * keys.BLOCK))}
        archive._documents(count)
        for name, key, changed in archive._prototypes():
            own = office.backend.get([key])[key]
            few = min(count, FEW if name == "operator" else count)
            archive._flood(own, few, {archive.names[name]: "{id}"} | changed, _SORTS[name])
            archive._history(key.pk, min(count, 10 * FEW))
        archive._history(keys.company(archive.company).pk, min(count, 10 * FEW))
        archive._quotes(min(count, 9 * FEW))
        return archive

    def _prototypes(self) -> list[tuple[str, Key, dict[str, str]]]:
        company, names = self.company, self.names
        return [
            ("draft", keys.document(company, names["draft"]), {}),
            ("order", keys.order(company, names["order"]), {"C-000001": "C-{n:06d}"}),
            ("party", keys.party(company, names["party"]), {'"C0001"': '"C{n:06d}"'}),
            ("reference", keys.reference(company, names["reference"]), {"PAL-500": "PAL-{n:06d}"}),
            ("operator", keys.operator(company, names["operator"]), {"extra0@": "extra{n}@"}),
            ("payment", keys.payment(company, names["payment"]), {}),
        ]

    def _flood(self, own: Record, count: int, changed: Mapping[str, str], sort: str) -> None:
        """Copies of a record, each with other texts in its keys and contents; `sort` begins their identifiers."""
        self._write([_copy(own, number, changed, sort) for number in range(1, count + 1)])

    def _write(self, records: list[Record]) -> None:
        for start in range(0, len(records), MAX_OPERATIONS):
            self.office.backend.write([Put(record) for record in records[start : start + MAX_OPERATIONS]])

    def _documents(self, count: int) -> None:
        """`count` archived invoices and a credit note, with their chain; the draft at hand keeps its place."""
        self.names["draft"] = self.names["invoice"]
        key = keys.document(self.company, self.names["draft"])
        draft: Document = self.office.services.store.require(DOCUMENT, key).value
        issued = _issued(draft)
        record = DOCUMENT.record(keys.document(self.company, issued.id), issued, 0)
        changed = {issued.id: "{id}", f"{_SEQUENCE:012d}": "{n:012d}", str(_SEQUENCE): "{n}", _NUMBER: "FA2026-{n:06d}"}
        self._flood(record, count, changed, "N")
        self._flood(self._sheet(issued), count, changed, "N")
        self._chain(count + 1, issued)
        note = issued.change(
            id=derived_id("credit note"),
            kind=DocumentKind.CREDIT_NOTE,
            sequence=count + 1,
            number=f"FA2026-{count + 1:06d}",
            credit_type=CreditType.INVOICING_ERROR,
            reason="Erreur de quantité",
            origin=Origin(document=_id(1), number="FA2026-000001", issue_date=DAY),
        )
        self._write([DOCUMENT.record(keys.document(self.company, note.id), note, 0)])
        self.names |= {"invoice": _id(max(1, count // 2)), "credit_note": note.id}
        for name in ("invoice", "credit_note"):
            self._history(keys.document(self.company, self.names[name]).pk, min(count, 10 * FEW))

    def _sheet(self, issued: Document) -> Record:
        """The treasury of an invoice: what it asks for, and a credit note on it to deduct."""
        amount, told = issued.totals.gross, {"document": issued.id, "number": _NUMBER, "forecast_date": DAY}
        lines = (
            TreasuryLine(id=derived_id("due"), amount=amount, status=TreasuryStatus.INVOICED, **told),
            TreasuryLine(id=derived_id("credit"), amount=-amount, status=TreasuryStatus.CREDIT_TO_DEDUCT, **told),
        )
        sheet = Treasury(lines=lines, debtor=Debtor(customer=issued.customer, invoice=issued.id))
        return TREASURY.record(keys.document_treasury(self.company, issued.id), sheet, 0)

    def _chain(self, last: int, issued: Document) -> None:
        payload = snapshots.document(snapshots.goods(20)).model_dump_json()
        entry = Entry(
            company=self.company,
            chain=ChainName.DOCUMENTS,
            sequence=_SEQUENCE,
            at=AT,
            kind=issued.kind,
            payload=payload,
            payload_hash=sha256(payload.encode()),
            previous_hash=ORIGIN,
            hash=ORIGIN,
        )
        own = ENTRY.record(keys.chain_entry(self.company, "documents", _SEQUENCE), entry, 0)
        copies = (_copy(own, number, {str(_SEQUENCE): "{n}"}, "N") for number in range(1, last + 1))
        entries = [
            replace(copy, key=keys.chain_entry(self.company, "documents", n)) for n, copy in enumerate(copies, 1)
        ]
        self._overwrite(entries)
        head = Head(
            company=self.company,
            chain=ChainName.DOCUMENTS,
            sequence=last,
            hash=ORIGIN,
            at=AT,
            signature="c2lnbmVk",
            key_id="local-key",
            last_number=last,
            last_date=DAY,
        )
        self._overwrite([HEAD.record(keys.chain_head(self.company, "documents"), head, 0)])

    def _overwrite(self, records: list[Record]) -> None:
        """Records in the place of those that the furniture has left."""
        known = self.office.backend.get([record.key for record in records])
        versions = {key: record.version for key, record in known.items()}
        self._write([replace(record, version=versions.get(record.key, 0) + 1) for record in records])

    def _history(self, pk: str, count: int) -> None:
        """Entries of one object's history, all after those that it has."""
        party = keys.party(self.company, self.names["party"]).pk
        [own] = self.office.backend.query(Query(pk=party, prefix=keys.HISTORY, limit=1)).records
        self._write([replace(own, key=keys.history(pk, AT, _id(number)), version=1) for number in range(count)])

    def _quotes(self, count: int) -> None:
        first = keys.quote(self.company, self.names["order"], 1)
        own = self.office.backend.get([first])[first]
        places = (keys.quote(self.company, self.names["order"], version) for version in range(2, count + 2))
        self._write([replace(own, key=key, version=1) for key in places])


def _issued(draft: Document) -> Document:
    file = File(key="documents/x/2026/FA/0.pdf", sha256=ORIGIN, size=30_000, archived_at=AT)
    return draft.change(
        id=derived_id("issued"),
        status=DocumentStatus.ARCHIVED,
        lines=(),
        number=_NUMBER,
        sequence=_SEQUENCE,
        issue_date=DAY,
        file=file,
    )


def _id(number: int, sort: str = "N") -> str:
    return f"{sort}{number:025d}"


def _copy(own: Record, number: int, changed: Mapping[str, str], sort: str) -> Record:
    """The record under another identity: every text of `changed` gives way, in keys, data and summary."""
    new = {old: text.format(id=_id(number, sort), n=number) for old, text in changed.items()}

    def other(text: str) -> str:
        for old, given in new.items():
            text = text.replace(old, given)
        return text

    return replace(
        own,
        key=Key(other(own.key.pk), own.key.sk),
        data=other(own.data),
        version=1,
        summary=None if own.summary is None else other(own.summary),
        indexes={index: (pk, other(sk)) for index, (pk, sk) in own.indexes.items()},
    )
