"""INV-11, CRN-06, DOC-02: a TEST through the workflow; the final date and the comment that come with a validation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from comptoir.access.queries import Listing
from comptoir.docbase.model import FiledView
from comptoir.docbase.queries import ListDocumentFiles
from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.queries import FileLink, ReadInvoiceFile
from comptoir.invoicing.validation import ValidateCreditNote, ValidateInvoice
from comptoir.kernel.errors import Refused
from functions.render import app as render
from tests.unit.invoicing_support import line
from tests.unit.orders_support import Links
from tests.workflow.borders import Vault
from tests.workflow.validation_support import Rig

TODAY = date(2026, 11, 21)


@pytest.fixture
def files(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """The bucket of working files."""
    vault = Vault(rig.faults)
    monkeypatch.setattr(render, "_files", lambda: vault)
    return vault


def validate(rig: Rig, document: Document, **told: object) -> Document:
    request = ValidateInvoice.model_validate({"document": document.id, **told})
    return rig.shop.do(request, if_match=rig.shop.version(document))


def test_inv_11_a_test_is_stamped_on_every_page_and_stored_apart(rig: Rig, files: Vault) -> None:
    """Nothing in the locked bucket, no number, and no data inside that a program could take for an invoice."""
    rig.shop.world.services = replace(rig.services, files=Links())
    draft = rig.shop.draft(*(line("5", designation=f"Article {n}") for n in range(120)), test=True)
    tested = validate(rig, draft)
    assert (tested.status, tested.number) == (DocumentStatus.TESTED, None)
    [key] = files.objects
    assert tested.file is not None
    assert key == tested.file.key == f"test/{rig.shop.world.company}/{draft.id}/{tested.file.sha256}.pdf"
    assert rig.vault.objects == {}
    reader = PdfReader(BytesIO(files.objects[key]))
    assert len(reader.pages) > 2
    assert all("TEST" in page.extract_text() for page in reader.pages)
    assert reader.attachments == {}
    link = rig.shop.world.do(FileLink, ReadInvoiceFile(document=draft.id))
    assert link.url == f"https://files.example/{key}"
    again = validate(rig, draft)
    assert (again, list(files.objects)) == (tested, [key])
    assert [run.states[-1] for run in rig.states.runs.values() if run.states] == ["Tested"]


def test_inv_11_a_test_that_could_not_be_rendered_is_when_it_is_asked_again(rig: Rig, files: Vault) -> None:
    draft = rig.shop.draft(test=True)
    rig.faults.plan["render: put test, before"] = 5
    run = rig.run(draft, "first")
    assert (run.states[-1], run.error) == ("TestNotRendered", "TestNotRendered")
    fixed = rig.shop.read(draft)
    assert (fixed.status, fixed.file) == (DocumentStatus.TESTED, None)
    rig.faults.clear()
    assert validate(rig, draft).file is not None


def test_inv_11_a_refused_test_is_told_as_a_real_one(rig: Rig, files: Vault) -> None:
    draft = rig.shop.draft(test=True, wanted_date=TODAY + timedelta(days=1))
    with pytest.raises(Refused) as caught:
        validate(rig, draft)
    assert [one.code for one in caught.value.breaches] == ["date_future"]
    assert files.objects == {}


def test_crn_06_the_final_date_may_come_with_the_validation(rig: Rig) -> None:
    """Proposed is the draft's; the one that is given counts, and is judged like it."""
    draft = rig.shop.draft(wanted_date=TODAY)
    with pytest.raises(Refused) as caught:
        validate(rig, draft, date="2026-11-22")
    assert [one.code for one in caught.value.breaches] == ["date_future"]
    issued = validate(rig, draft, date="2026-11-20")
    assert (issued.issue_date, issued.wanted_date) == (TODAY - timedelta(days=1), TODAY - timedelta(days=1))
    assert rig.shop.snapshot(issued).issue_date == TODAY - timedelta(days=1)
    note = rig.shop.credit(rig.shop.read(draft), wanted_date=TODAY - timedelta(days=1))
    request = ValidateCreditNote(document=note.id, date=TODAY)
    assert rig.shop.do(request, if_match=1).issue_date == TODAY


def test_doc_02_the_comment_of_a_validation_stands_in_the_document_base(rig: Rig) -> None:
    draft = rig.shop.draft()
    issued = validate(rig, draft, comment="Relu par Mme Le Goff")
    assert issued.comment == "Relu par Mme Le Goff"
    listed = rig.shop.world.do(Listing[FiledView], ListDocumentFiles(document=draft.id)).items
    assert [(one.number, one.comment) for one in listed] == [(issued.number, "Relu par Mme Le Goff")]
