"""Statements as banks send them, read into their golden form: nothing that a format tells is lost unseen (TRS-04)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comptoir.banking.formats.detect import detect, read_statements
from comptoir.banking.statement import StatementFormat
from tests.golden.test_golden import matches

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "statements"
FORMATS = {
    "october.camt053-02.xml": StatementFormat.CAMT_053,
    "dollars.camt053-08.xml": StatementFormat.CAMT_053,
    "november.mt940": StatementFormat.MT940,
    "novembre.csv": StatementFormat.TABLE,
    "novembre.cfonb120": StatementFormat.CFONB_120,
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_is_read_as_it_was_last_looked_at(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert detect(data) is FORMATS[name]
    read = [statement.model_dump(mode="json", exclude_defaults=True) for statement in read_statements(data)]
    matches(f"statement-{name.replace('.', '-')}.json", json.dumps(read, ensure_ascii=False, indent=1) + "\n")


def test_no_sample_is_left_out() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(FORMATS)
