"""What rendering costs: `PYTHONPATH=layers/comptoir/python python -m tests.scale.rendering`.

CPU of the whole process per document (median, warm), by number of lines, with the share of the XML;
then import time and memory of a fresh process beside one with only the libraries. The fonts are cut
anew, so nothing else has to be built before.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from comptoir.documents.facturx import facturx_xml
from comptoir.documents.render import render_document, render_quote
from infra.layers import fonts
from tests.golden import snapshots as samples

AIMS = {20: 45, 150: 60, 1000: 250}
RUNS = 15
LIBRARIES = "import fpdf, facturx, lxml.etree"
OURS = "import comptoir.documents.render"
_PROBE = (
    "import time,resource;start=time.process_time();{};"
    "print((time.process_time()-start)*1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024)"
)


def cpu(work: Callable[[], object]) -> float:
    """Median CPU milliseconds of one call, all threads included, after a warming call."""
    work()
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        taken.append((time.process_time() - start) * 1000)
    return statistics.median(taken)


def probe(statement: str) -> tuple[float, float]:
    """CPU milliseconds of a statement in a fresh process and its peak memory in MB; median of three."""
    runs = []
    for _ in range(3):
        out = subprocess.run(
            [sys.executable, "-c", _PROBE.format(statement)], capture_output=True, text=True, check=True
        )
        runs.append(tuple(map(float, out.stdout.split())))
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


def main() -> None:
    """Print the figures."""
    with TemporaryDirectory() as folder:
        fonts.build(Path(folder))
        os.environ["COMPTOIR_FONTS"] = folder
        _print_figures()


def _print_figures() -> None:
    print(f"{'lines':>6} {'CPU ms':>8} {'XML ms':>8} {'kB':>6} {'aim ms':>7}")
    for count in (5, 20, 100, 150, 1000):
        snapshot = samples.document(samples.goods(count))
        total, xml = cpu(partial(render_document, snapshot)), cpu(partial(facturx_xml, snapshot))
        size = len(render_document(snapshot)) / 1000
        print(f"{count:6} {total:8.1f} {xml:8.1f} {size:6.0f} {AIMS.get(count, '-'):>7}")
    print(f"quote of 20 lines: {cpu(partial(render_quote, samples.quote(20))):.1f} ms")
    print(f"longest texts of every field: {cpu(partial(render_document, samples.hostile())):.1f} ms")
    (bare_ms, bare_mb), (ours_ms, ours_mb) = probe(LIBRARIES), probe(OURS)
    print(f"import of the libraries alone: {bare_ms:.0f} ms, {bare_mb:.0f} MB")
    print(f"import of documents.render:    {ours_ms:.0f} ms, {ours_mb:.0f} MB ({ours_ms / bare_ms:.2f} times)")


if __name__ == "__main__":
    main()
