"""INV-02, FIS-01 on the deployed stack: 64 validations at once, a power cut in their middle, and locks that hold."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from comptoir.invoicing.model import Document, DocumentStatus
from comptoir.invoicing.snapshot import Snapshot
from infra.local.cloud import Cloud, deploy, local_aws
from infra.local.progress import Lines
from infra.local.tools import synthesise
from tests.e2e.validating import Office
from tests.e2e.waiting import eventually


def assert_sound(office: Office, documents: Sequence[Document]) -> None:
    """One number, one entry, one archived PDF each; no gap; dates in order; a chain that anyone can verify."""
    heads, count = office.heads(documents), len(documents)
    assert sorted(head.sequence or 0 for head in heads) == list(range(1, count + 1))
    contents = [Snapshot.model_validate_json(entry.payload) for entry in office.entries()]
    assert [int(content.number.rpartition("-")[2]) for content in contents] == list(range(1, count + 1))
    assert {content.document: content.number for content in contents} == {head.id: head.number for head in heads}
    dates = [content.issue_date for content in contents]
    assert dates == sorted(dates)
    verdict = office.verdict()
    assert (verdict.fault, verdict.entries) == (None, count)
    stored = office.archived("documents")
    files = [head.file for head in heads if head.file]
    assert sorted(stored) == sorted(file.key for file in files)
    for file in files:
        assert (hashlib.sha256(stored[file.key]).hexdigest(), len(stored[file.key])) == (file.sha256, file.size)


def assert_locked(office: Office, documents: Sequence[Document]) -> None:
    """FIS-04: no archived document can be deleted, by any way."""
    s3, bucket = office.cloud.client("s3"), office.cloud.archive_bucket
    for head in office.heads(documents)[::4]:
        assert head.file is not None
        [version] = s3.list_object_versions(Bucket=bucket, Prefix=head.file.key)["Versions"]
        for bypass in (False, True):
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.delete_object(
                    Bucket=bucket,
                    Key=head.file.key,
                    VersionId=version["VersionId"],
                    BypassGovernanceRetention=bypass,
                )


def all_archived(office: Office, documents: Sequence[Document]) -> bool:
    return office.counts(documents)[DocumentStatus.ARCHIVED.value] == len(documents)


def test_inv_02_sixty_four_at_once_are_numbered_signed_and_locked(cloud: Cloud) -> None:
    """A quarter of them is started twice."""
    office = Office.open(cloud, "sixty-four")
    documents = office.drafts(64)
    office.start(documents)
    office.start(documents[::4], "-again")
    eventually(lambda: all_archived(office, documents), 120)
    assert_sound(office, documents)
    assert_locked(office, documents)


def test_inv_02_a_power_cut_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    """Executions and tokens die with the power, queued messages do not; schedule and user bring all to the end."""
    assembly = synthesise()
    with local_aws(tmp_path, port=0) as aws:
        office = Office.open(deploy(aws, assembly, Lines()), "cut")
        documents = office.drafts(16)
        office.start(documents)
        eventually(lambda: len(office.entries()) >= 4, 60)
        told = {head.id: head.number for head in office.heads(documents) if head.number}
        aws.kill()
    with local_aws(tmp_path, port=0) as aws:
        office.cloud = deploy(aws, assembly, Lines())
        after = {head.id: head.number for head in office.heads(documents)}
        assert told.items() <= after.items()
        drafts = [head for head in office.heads(documents) if not head.issued]
        office.start(drafts, "-2")

        def healed() -> bool:
            office.heal()
            time.sleep(3)
            return all_archived(office, documents)

        eventually(healed, 120)
        assert_sound(office, documents)
        assert_locked(office, documents)
        assert told.items() <= {head.id: head.number for head in office.heads(documents)}.items()
