"""What the bank function does: read the files of statements that were sent or dropped (TRS-04)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from comptoir.access.context import Services
from comptoir.banking.accounts import ACCOUNT, WHAT, OwnAccount, OwnAccountView
from comptoir.banking.bringing import Bringing, ImportUnderWay
from comptoir.banking.formats.detect import read_statements
from comptoir.banking.statement import Statement
from comptoir.banking.statement_rules import find_account
from comptoir.banking.stored import FILE, MOST_BYTES, FileState, ReadStatement, StatementFile, kept_at, sent_to
from comptoir.kernel.errors import Breach, Refused, refuse_if
from comptoir.kernel.ids import derived_id
from comptoir.kernel.text import sha256
from comptoir.store import backend, keys

Event = Mapping[str, Any]
_MEDIA = "application/octet-stream"
_DROPPED = "Dépôt dans le compartiment"


class Bucket(Protocol):
    """Files read as far as a limit, written once."""

    def read(self, key: str, most: int) -> bytes | None: ...

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...


def read_file(services: Services, event: Event, files: Bucket, archive: Bucket) -> dict[str, Any]:
    """Read a file that was announced; a file that was read stays as it was. Errors: `NotFound`, `Refused`."""
    company, identifier = event["company"], event["file"]
    file = services.store.require(FILE, keys.statement_file(company, identifier)).value
    if file.state is FileState.READ:
        return {"outcome": "read"}
    content = files.read(sent_to(company, file.id), MOST_BYTES)
    refuse_if(_unlike(file, content))
    return _take(services, company, file, content or b"", archive)


def dropped(services: Services, key: str, files: Bucket, archive: Bucket) -> dict[str, Any]:
    """Read the file that came under a key: an announced one, or one that somebody laid there.

    What is wrong with it is kept with it, for whoever looks; nothing is raised for it.
    """
    _, company, name = key.split("/", 2)
    content = files.read(sent_to(company, name), MOST_BYTES)
    announced = services.store.get(FILE, keys.statement_file(company, name))
    file = announced.value if announced else _laid(services, company, name, content or b"")
    if file.state is FileState.READ:
        return {"outcome": "read"}
    try:
        refuse_if(_unlike(file, content))
        return _take(services, company, file, content or b"", archive)
    except Refused:
        return {"outcome": "refused"}


def _laid(services: Services, company: str, name: str, content: bytes) -> StatementFile:
    """A file that nobody announced, under an identifier of its content: dropped again it is the same."""
    digest = sha256(content)
    file = StatementFile(
        id=derived_id("statement_file", company, digest),
        filename=name[:200] or "?",
        size=len(content) or 1,
        sha256=digest,
        author=_DROPPED,
        created_at=services.clock.now(),
    )
    key = keys.statement_file(company, file.id)
    stored = services.store.get(FILE, key)
    if stored:
        return stored.value
    services.store.transact(lambda tx: tx.create(FILE, key, file))
    return file


def _unlike(file: StatementFile, content: bytes | None) -> list[Breach]:
    """What is wrong with the bytes that came for a file."""
    if content is None:
        fr, en = "Le fichier n'est pas encore arrivé.", "The file has not arrived yet."
        return [Breach(code="file_missing", fr=fr, en=en, pointer="/file")]
    if len(content) != file.size or sha256(content) != file.sha256:
        fr, en = "Ce n'est pas le fichier annoncé.", "This is not the file that was announced."
        return [Breach(code="file_unlike", fr=fr, en=en, pointer="/file")]
    return []


def _take(services: Services, company: str, file: StatementFile, content: bytes, archive: Bucket) -> dict[str, Any]:
    """Keep the bytes under lock and take in every statement; or keep with the file why none of it is taken."""
    try:
        placed = _placed(services, company, file, content)
    except Refused as refusal:
        _conclude(services, company, file.change(state=FileState.REFUSED, breaches=refusal.breaches))
        raise
    archive.put(kept_at(company, file.sha256), content, _MEDIA, _header(file.filename))
    brought = []
    for account, statement in placed:
        bringing = Bringing(services, company, account, file, statement)
        brought.append(_bring(services, company, bringing, archive))
    _conclude(services, company, file.change(state=FileState.READ, breaches=(), statements=tuple(brought)))
    return {"outcome": "read"}


def _placed(services: Services, company: str, file: StatementFile, content: bytes) -> list[tuple[str, Statement]]:
    """The statements of a file with their accounts. Errors: `Refused` when anything of it is wrong."""
    accounts = _accounts(services, company)
    hinted = accounts.get(file.account or "")
    statements = read_statements(content, hinted.currency if hinted else "EUR")
    found, breaches = [], []
    for statement in statements:
        told = statement
        if not statement.account and hinted:
            told = statement.change(account=hinted.account.iban)
        account, wrong = find_account(told, {name: (a.account.iban, a.currency) for name, a in accounts.items()})
        breaches += wrong
        if account:
            found.append((account, told))
    refuse_if(breaches)
    return found


def _accounts(services: Services, company: str) -> dict[str, OwnAccountView]:
    """The accounts of the company: as many as banks open for a firm."""
    query = backend.Query(pk=keys.by_kind(company, WHAT, "")[0], index=1)
    rows = (record.summary for record in services.store.records(query) if record.summary)
    views = [OwnAccountView.model_validate_json(row) for row in rows]
    return {view.id: view for view in views}


def _bring(services: Services, company: str, bringing: Bringing, archive: Bucket) -> ReadStatement:
    """Take a statement in; one of the same account that was left half done is brought to its end first."""
    try:
        return bringing.bring()
    except ImportUnderWay:
        account: OwnAccount = services.store.require(ACCOUNT, keys.bank_account(company, bringing.account)).value
        if account.importing:
            left = services.store.require(FILE, keys.statement_file(company, account.importing.file)).value
            content = archive.read(kept_at(company, left.sha256), MOST_BYTES) or b""
            for name, statement in _placed(services, company, left, content):
                other = Bringing(services, company, name, left, statement)
                if name == bringing.account and other.id == account.importing.statement:
                    other.bring()
        return bringing.bring()


def _conclude(services: Services, company: str, file: StatementFile) -> None:
    key = keys.statement_file(company, file.id)
    services.store.transact(lambda tx: tx.put(FILE, key, file) if tx.get(FILE, key) != file else None, [key])


def _header(filename: str) -> str:
    """A name that any header can carry."""
    kept: Sequence[str] = [character if character.isascii() and character.isalnum() else "-" for character in filename]
    return "".join(kept)[:80] or "statement"
