"""What a draft would print, before it is validated (DOC-02, CRN-06)."""

from __future__ import annotations

from typing import ClassVar

from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.items import COMPANY
from comptoir.access.permissions import Permission
from comptoir.docbase.previewing import preview
from comptoir.invoicing.freezing import snapshot
from comptoir.invoicing.items import DOCUMENT
from comptoir.invoicing.judging import gathered
from comptoir.invoicing.model import DocumentStatus
from comptoir.kernel.errors import NotFound
from comptoir.kernel.ids import Id
from comptoir.orders.items import ORDER
from comptoir.parties.items import PARTY
from comptoir.store import keys
from comptoir.store.transaction import Transaction

_NUMBER = "-"
"""A preview shows none."""


class PreviewDraft(Query):
    """What a draft of an invoice or credit note would look like today: no number, nothing stored."""

    permission: ClassVar[Permission] = Permission.READ_INVOICES

    document: Id

    def read(self, ctx: Context) -> Reply:
        tx = Transaction(ctx.services.store.backend)
        draft = tx.require(DOCUMENT, keys.document(ctx.company, self.document))
        if draft.status is not DocumentStatus.DRAFT:
            raise NotFound()
        day = draft.wanted_date or ctx.today
        sources = gathered(
            tx,
            tx.require(COMPANY, keys.company(ctx.company)),
            tx.require(PARTY, keys.party(ctx.company, draft.customer)),
            tx.require(ORDER, keys.order(ctx.company, draft.order)) if draft.order else None,
            draft,
            day,
        )
        content = snapshot(sources, _NUMBER, day, ctx.now, ctx.operator.id, ctx.operator.name)
        return Reply.of(preview(ctx, "document", content))
