"""Verifying an archive as it was handed over: a ZIP file or the folder that it was unpacked into (FIS-05, RULES §3.5).

The manifest tells the hash of every file, and the signed entry of the chain of technical events tells the hash of
the manifest. Chains, closings and heads are verified as such, so that what was altered is named to the entry.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from .chain import Entry, Fault, Start, Verdict, digest, read_entry, verify
from .closings import COUNTED, Audit, Days
from .keyring import KeyRing
from .layout import CHAINS, HEADS, KEYS, MANIFEST, SEALED, SIGNATURE

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and in which file."""

    file: str
    verdict: Verdict

    def __str__(self) -> str:
        entry = f" entry {self.verdict.sequence}" if self.verdict.sequence is not None else ""
        return f"{self.file}:{entry} {self.verdict.fault} ({self.verdict.detail})"


@dataclass
class Report:
    """What was verified; `findings` is empty when the archive is whole, and begins with the first broken link."""

    entries: dict[str, int] = field(default_factory=dict)
    files: int = 0
    closings: int = 0
    findings: list[Finding] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Package:
    """The files of an archive, by name. Errors: `OSError`, `ValueError` when it can't be opened or read."""

    def __init__(self, names: set[str], read: Callable[[str], IO[bytes]]) -> None:
        self.names, self._read = names, read

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Package]:
        """The archive at `path`, ZIP file or folder."""
        if path.is_dir():
            files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
            yield cls({name for name in files if "__pycache__" not in name}, lambda name: files[name].open("rb"))
            return
        with zipfile.ZipFile(path) as packed:
            names = [info.filename for info in packed.infolist() if not info.is_dir()]
            if len(set(names)) != len(names):
                raise ValueError("a file stands twice in the archive")
            yield cls(set(names), packed.open)

    def content(self, name: str) -> bytes:
        """A whole file. Errors: `ValueError` when there is none."""
        if name not in self.names:
            raise ValueError(f"{name} is missing")
        with self._read(name) as file:
            return file.read()

    def json(self, name: str) -> Any:
        """A whole file of JSON."""
        return json.loads(self.content(name))

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, one by one; none when it is missing."""
        if name in self.names:
            with self._read(name) as file:
                yield from (line for line in file if line.strip())

    def measure(self, name: str) -> tuple[str, int]:
        """SHA-256 and size of a file."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._read(name) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except zipfile.BadZipFile:
            return "", size
        return digest.hexdigest(), size


def verify_package(path: Path, pems: Mapping[str, str] | None = None) -> Report:
    """Verify an archive with public keys from elsewhere, or with its own, whose fingerprints are then to be compared.

    Errors: `OSError`, `ValueError` when it is no archive that can be read.
    """
    with Package.open(path) as package:
        known = pems if pems is not None else package.json(KEYS)
        return Check(package, KeyRing(known)).report()


class Check:
    """The verification of one archive with a ring of keys."""

    def __init__(self, package: Package, ring: KeyRing) -> None:
        self._package, self._ring = package, ring
        self._manifest: Mapping[str, Any] = package.json(MANIFEST)
        self._report = Report(fingerprints=ring.fingerprints())

    def report(self) -> Report:
        findings = self._report.findings
        sealed = self._sealed()
        chains = list(self._chains())
        whole = [*self._closings(), *self._documents()] if not chains else []
        # An entry is named before the file that holds it, and both before what follows from them.
        findings += [*chains, *whole, *sealed, *self._files()]
        return self._report

    def _sealed(self) -> list[Finding]:
        """The signed entry that tells the hash of the manifest."""
        told = hashlib.sha256(self._package.content(MANIFEST)).hexdigest()
        try:
            entry = read_entry(self._package.content(SIGNATURE))
            content = json.loads(entry["payload"])["content"]
        except (ValueError, KeyError, TypeError) as error:
            return [_finding(SIGNATURE, Fault.UNREADABLE, str(error))]
        genuine = self._ring.verifies(entry.get("key_id"), digest(entry), entry.get("signature"))
        if not genuine or entry["chain"] != "events" or entry["kind"] != SEALED:
            return [_finding(SIGNATURE, Fault.BAD_SIGNATURE, "the company's key does not seal it")]
        if content.get("manifest_sha256") != told or entry["company"] != self._manifest["company"]:
            return [_finding(MANIFEST, Fault.FILE_ALTERED, "it is not the manifest that was signed")]
        return []

    def _chains(self) -> Iterator[Finding]:
        heads = [json.loads(line) for line in self._package.lines(HEADS)]
        for chain in CHAINS:
            first, last = self._reach(chain)
            start = Start(first) if first == 1 else Start(first, None)
            # A head beyond the part of the chain that is in the archive says nothing of it.
            own = [head for head in heads if head["chain"] == chain and int(head["sequence"]) <= last]
            try:
                verdict = verify(self._lines(chain), self._ring, own, start)
            except zipfile.BadZipFile as error:
                verdict = Verdict(0, Fault.UNREADABLE, None, str(error))
            self._report.entries[chain] = verdict.entries
            if verdict.intact and first + verdict.entries - 1 != last:
                fault = Fault.TRUNCATED if first + verdict.entries - 1 < last else Fault.INSERTED
                sequence = min(first + verdict.entries, last + 1)
                verdict = replace(verdict, fault=fault, sequence=sequence, detail=f"the manifest ends it at {last}")
            if not verdict.intact:
                yield Finding(f"chains/{chain}", verdict)

    def _reach(self, chain: str) -> tuple[int, int]:
        """Which entries of a chain are in the archive; when there are none, the last comes before the first."""
        told = self._manifest["chains"][chain]
        return (int(told["first"]), int(told["last"])) if told["first"] else (1, 0)

    def _lines(self, chain: str) -> Iterator[bytes]:
        """The lines of all files of a chain, in their order."""
        for name in sorted(name for name in self._package.names if name.startswith(f"chains/{chain}-")):
            yield from self._package.lines(name)

    def _closings(self) -> Iterator[Finding]:
        days, hashes, sealed = Days(), dict[tuple[str, int], str](), self._sealed_heads()
        for chain in CHAINS:
            for entry in self._entries(chain):
                if (chain, entry["sequence"]) in sealed:
                    hashes[(chain, entry["sequence"])] = entry["hash"]
                if chain in COUNTED:
                    try:
                        days.count(entry)
                    except (KeyError, ValueError, ArithmeticError) as error:
                        told = f"its amounts cannot be counted: {error!r}"
                        yield _finding(f"chains/{chain}", Fault.UNREADABLE, told, entry["sequence"])
        audit = Audit(days, hashes, self._manifest["start"])
        for verdict in audit.faults(self._entries("closings")):
            yield Finding("chains/closings", verdict)
        self._report.closings = self._report.entries["closings"]

    def _sealed_heads(self) -> set[tuple[str, int]]:
        closings = (json.loads(entry["payload"]) for entry in self._entries("closings"))
        return {(head["chain"], head["sequence"]) for closing in closings for head in closing["heads"]}

    def _entries(self, chain: str) -> Iterator[Entry]:
        return map(read_entry, self._lines(chain))

    def _files(self) -> Iterator[Finding]:
        told = {file["path"]: file for file in self._manifest["files"]}
        for path, file in told.items():
            if path not in self._package.names:
                yield _finding(path, Fault.FILE_MISSING, "the manifest tells of it")
            elif self._package.measure(path) != (file["sha256"], file["size"]):
                yield _finding(path, Fault.FILE_ALTERED, "its SHA-256 is not that of the manifest")
            else:
                self._report.files += 1
        for path in sorted(self._package.names - set(told) - {MANIFEST, SIGNATURE}):
            yield _finding(path, Fault.FILE_UNKNOWN, "the manifest does not tell of it")

    def _documents(self) -> Iterator[Finding]:
        """Each document of the period has its PDF, as the manifest links them."""
        linked = {file["sequence"] for file in self._manifest["files"] if "sequence" in file}
        for entry in self._entries("documents"):
            payload = json.loads(entry["payload"])
            inside = self._manifest["start"] <= payload["issue_date"] <= self._manifest["end"]
            if inside and entry["sequence"] not in linked:
                told = f"{payload['number']} has no PDF in the archive"
                yield _finding("chains/documents", Fault.FILE_MISSING, told, entry["sequence"])


def _finding(file: str, fault: Fault, detail: str, sequence: int | None = None) -> Finding:
    return Finding(file, Verdict(0, fault, sequence, detail))
