"""CPU of issuing and of rendering by number of lines: medians within a process, and of fresh processes."""

from __future__ import annotations

import resource
import statistics
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from comptoir.documents.facturx import facturx_xml
from comptoir.documents.render import render_document
from comptoir.invoicing.issue import IssueStatus, issue
from infra.layers import fonts
from tests.golden import snapshots
from tests.scale import rendering
from tests.scale.company import open_company
from tests.scale.report import Size, fresh, medians, note, table, tell, title, verdict

LINES = (5, 20, 100, 150, 1000)


def issuing(lines: int, documents: int) -> dict[str, float]:
    """CPU ms of issuing one document by itself, the table in memory, a local key signing."""
    company = open_company()
    requests = company.drafts(documents + 2, lines)
    taken = []
    for request in requests:
        before = _cpu()
        [outcome] = issue(company.world.services, company.world.signer, company.world.company, [request])
        taken.append(_cpu() - before)
        if outcome.outcome is not IssueStatus.ISSUED:
            raise RuntimeError(f"refused: {outcome.breaches}")
    return {"issuing": statistics.median(taken[2:])}


def drawing(lines: int) -> dict[str, float]:
    """CPU ms of a PDF with its Factur-X XML, and of the XML alone."""
    content = snapshots.document(snapshots.goods(lines))
    return {
        "rendering": rendering.cpu(partial(render_document, content)),
        "xml": rendering.cpu(partial(facturx_xml, content)),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1000


def show(size: Size) -> None:
    """Print the figures."""
    title("CPU of issuing and of rendering, ms a document")
    found: dict[int, dict[str, float]] = {}
    with TemporaryDirectory() as folder:
        fonts.build(Path(folder))
        for lines in size.lines(*LINES):
            arguments = ["-m", "tests.scale.computing", str(lines), str(size.of(max(5, 600 // lines), 1))]
            runs = [fresh(arguments, {"COMPTOIR_FONTS": folder}).told for _ in range(size.runs)]
            found[lines] = medians(runs)
    heads = ["lines", "issuing", "a line", "rendering", "a line", "of it the XML"]
    table(
        heads,
        (
            (lines, got["issuing"], got["issuing"] / lines, got["rendering"], got["rendering"] / lines, got["xml"])
            for lines, got in found.items()
        ),
    )
    note(f"median within a process, then of {size.runs} processes")
    for lines, aim in rendering.AIMS.items():
        if lines in found:
            verdict(f"rendering {lines} lines", found[lines]["rendering"], aim, " ms")


if __name__ == "__main__":
    tell(issuing(int(sys.argv[1]), int(sys.argv[2])) | drawing(int(sys.argv[1])))
