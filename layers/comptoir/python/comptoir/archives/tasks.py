"""Making an archive, step by step: each is safe to run again, and what was written is not written twice (FIS-05)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Protocol

from comptoir.access.context import Services
from comptoir.archives.contents import Other, Pieces, Reader
from comptoir.archives.items import ARCHIVE, DUE_ARCHIVES, FINAL
from comptoir.archives.model import Archive, ArchiveState, Manifest, Segment
from comptoir.archives.packing import Content, Packed, Packer, Sink, directory
from comptoir.archives.plan import Plan, plan
from comptoir.kernel.clock import stamp
from comptoir.kernel.errors import DomainError, Refused
from comptoir.ledger.chain import Signer, extend
from comptoir.ledger.events import technical_event
from comptoir.ledger.model import ChainName
from comptoir.ledger.offline.layout import MANIFEST, SEALED, SIGNATURE
from comptoir.store import keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

SEGMENT = 32 * 1024 * 1024
"""Bytes after which a segment ends; S3 joins segments of at least 5 MB, the last one apart."""

_RUN = timedelta(hours=1)
"""How long a run may take: what is older waits for nobody."""

_ZIP, _JSON = "application/zip", "application/json"
Event = Mapping[str, Any]


class Shelf(Protocol):
    """The bucket of working files, where segments lie until they are joined."""

    def writing(self, key: str, content_type: str, filename: str) -> AbstractContextManager[Sink]: ...

    def put(self, key: str, body: bytes, content_type: str, filename: str) -> None: ...

    def stream(self, key: str) -> Iterator[bytes]: ...


class Vault(Reader, Protocol):
    """The locked bucket: reads PDFs, and takes a package that is joined from what lies elsewhere."""

    def join(self, key: str, parts: Sequence[tuple[str, int]], content_type: str, filename: str) -> int: ...


def write_archive(
    services: Services, event: Event, vault: Vault, shelf: Shelf, others: Sequence[Other]
) -> dict[str, Any]:
    """The renderer's task: the next step of an archive. `again` while there is more, `seal` when it is to be signed."""
    job = _Job(services, event, vault, shelf, others)
    try:
        return {"outcome": job.step()}
    except Refused as refused:
        job.keep(state=ArchiveState.REFUSED, breaches=refused.breaches)
        return {"outcome": "refused"}


def seal_archive(services: Services, signer: Signer, event: Event) -> dict[str, Any]:
    """The writer's task: chain the hash of the manifest as a signed technical event; done before, nothing is done."""
    company = event["company"]
    key = keys.archive(company, event["kind"], event["name"])

    def work(tx: Transaction) -> dict[str, Any]:
        archive = tx.require(ARCHIVE, key)
        if archive.state is ArchiveState.SIGNING and archive.manifest:
            content = {
                **archive.model_dump(mode="json", include={"kind", "name", "start", "end", "closing"}),
                "files": archive.files,
                "manifest_sha256": archive.manifest.sha256,
            }
            fact = technical_event(SEALED, archive.operator, archive.operator_name, content)
            [entry] = extend(tx, company, ChainName.EVENTS, [fact], services.clock.now(), signer)
            tx.put(ARCHIVE, key, archive.change(state=ArchiveState.SEALED, entry=entry))
        return {"outcome": "sealed"}

    return services.store.transact(work, [key, keys.chain_head(company, ChainName.EVENTS)])


class _Job:
    """One step of one archive."""

    def __init__(self, services: Services, event: Event, vault: Vault, shelf: Shelf, others: Sequence[Other]) -> None:
        self._services, self._vault, self._shelf = services, vault, shelf
        self._company = event["company"]
        self._key: Key = keys.archive(self._company, event["kind"], event["name"])
        stored = services.store.require(ARCHIVE, self._key)
        self._archive, self._version = stored.value, stored.version
        self._others = [other for other in others if self._archive.kind in other.kinds]
        self._place = f"archiving/{self._company}/{event['kind']}-{event['name']}-{self._archive.attempt}"

    def step(self) -> str:
        """Do what comes next; what there is to do afterwards."""
        state = self._archive.state
        if state in FINAL:
            return "done"
        if state is ArchiveState.SIGNING:
            return "seal"
        made = plan(self._services.store, self._company, self._archive, len(self._others))
        pieces = Pieces(self._services, self._vault, self._company, self._archive, made, self._others)
        if state is ArchiveState.SEALED:
            self._finish(pieces)
            return "done"
        if self._archive.position < len(made.pieces):
            self._segment(pieces)
            return "again"
        self._manifest(made)
        return "seal"

    def keep(self, **fields: Any) -> None:
        """Record the step, unless another run did."""

        def work(tx: Transaction) -> None:
            if tx.require(ARCHIVE, self._key) == self._archive:
                tx.put(ARCHIVE, self._key, self._archive.change(**fields))

        self._services.store.transact(work)

    def _segment(self, pieces: Pieces) -> None:
        """Write pieces until the segment is large enough."""
        number, position = len(self._archive.segments) + 1, self._archive.position
        key, index = (f"{self._place}/{number:05d}.{kind}" for kind in ("zip", "jsonl"))
        with self._shelf.writing(key, _ZIP, f"{number}.zip") as out:
            packer = Packer(out, self._size, pieces.moment)
            while position < len(pieces.plan.pieces) and packer.size < SEGMENT:
                pieces.write(pieces.plan.pieces[position], packer)
                position += 1
            packer.end()
            size = packer.size
        self._shelf.put(index, b"".join(file.line() for file in packer.files), _JSON, f"{number}.jsonl")
        segment = Segment(key=key, size=size, index=index, files=len(packer.files))
        self.keep(position=position, segments=(*self._archive.segments, segment))

    @property
    def _size(self) -> int:
        return sum(segment.size for segment in self._archive.segments)

    def _files(self) -> Iterator[Packed]:
        """Every file written so far."""
        for segment in self._archive.segments:
            yield from map(Packed.of, _lines(self._shelf.stream(segment.index)))

    def _manifest(self, made: Plan) -> None:
        """Write the manifest of all files, to be signed."""
        key, digest, size = f"{self._place}/{MANIFEST}", hashlib.sha256(), 0
        with self._shelf.writing(key, _JSON, MANIFEST) as out:
            for part in self._told(made):
                digest.update(part)
                size += out.write(part)
        manifest = Manifest(key=key, sha256=digest.hexdigest(), size=size)
        self.keep(state=ArchiveState.SIGNING, manifest=manifest)

    def _told(self, made: Plan) -> Iterator[bytes]:
        """The manifest, piece by piece: one line for each file."""
        closing = made.closed.closing
        head = {
            "format": 1,
            "product": "Comptoir",
            "version": closing.version,
            **closing.model_dump(mode="json", include={"company", "company_name", "siren", "kind", "name"}),
            **closing.model_dump(mode="json", include={"start", "end", "closed_at"}),
            "closing": {"sequence": made.closed.sequence, "hash": made.closed.hash},
            "chains": made.chains(),
        }
        yield json.dumps(head, ensure_ascii=False, indent=1).encode().removesuffix(b"\n}") + b',\n "files": [\n'
        separator = b""
        for file in self._files():
            yield separator + b"  " + json.dumps(file.told, ensure_ascii=False).encode()
            separator = b",\n"
        yield b"\n ]\n}\n"

    def _finish(self, pieces: Pieces) -> None:
        """Write the end of the package, join it with what was written, and lock it."""
        manifest, entry = self._archive.manifest, self._archive.entry
        if manifest is None or entry is None:
            raise LookupError("a sealed archive has its manifest and its signature")
        end = f"{self._place}/end.zip"
        with self._shelf.writing(end, _ZIP, "end.zip") as out:
            packer = Packer(out, self._size, pieces.moment)
            packer.add(MANIFEST, lambda file: _copy(self._shelf.stream(manifest.key), file))
            packer.add(SIGNATURE, lambda file: file.write(entry.model_dump_json().encode()))
            packer.end()
            files = _chain(self._files(), packer.files)
            for part in directory(files, self._size + packer.size, pieces.moment):
                out.write(part)
            size = packer.size
        key = f"archives/{self._company}/{self._archive.kind}/{self._archive.name}/{manifest.sha256}.zip"
        parts = [*((segment.key, segment.size) for segment in self._archive.segments), (end, size)]
        name = f"archive-{pieces.plan.closed.closing.siren or self._company}-{self._archive.name}.zip"
        self.keep(state=ArchiveState.DONE, key=key, size=self._vault.join(key, parts, _ZIP, name))


def _copy(parts: Iterable[bytes], file: Content) -> None:
    for part in parts:
        file.write(part)


def _chain(first: Iterable[Packed], then: Iterable[Packed]) -> Iterator[Packed]:
    yield from first
    yield from then


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream."""
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        yield from lines
    if rest:
        yield rest


def resume_archives(services: Services) -> dict[str, int]:
    """Have every archive that its run should have ended, and did not, go on; for the schedule."""
    now, counts = services.clock.now(), {"archives_resumed": 0, "failed": 0}
    hour, late = f"{now:%Y%m%dT%H}", stamp(now - _RUN)
    for record in services.store.due(DUE_ARCHIVES, 2):
        company, archive = record.key.company, services.store.require(ARCHIVE, record.key).value
        if archive.started_at > late:
            continue
        try:
            start(services, company, archive, hour)
            counts["archives_resumed"] += 1
        except DomainError:
            counts["failed"] += 1
    return counts


def start(services: Services, company: str, archive: Archive, run: str) -> None:
    """Have an archive made by the workflow."""
    if services.workflows:
        payload = {"company": company, "kind": archive.kind, "name": archive.name}
        name = f"archive-{company}-{archive.kind}-{archive.name}-{run}"
        services.workflows.start("archiving", name, payload)
