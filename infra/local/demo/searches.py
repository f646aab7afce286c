"""Finding parties and references by the first characters of their words, and exporting what is found."""

from __future__ import annotations

from infra.local.demo.client import download
from infra.local.demo.people import House
from infra.local.demo.stage import Stage
from infra.local.demo.workshop import written

_SEARCHES = (("/parties", "cap", "C0043"), ("/references", "man 24", "MAN-024"))
_SHORT = "ma"
_EXPORTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("references", "csv", {"search": "manille"}),
    ("parties", "xlsx", {"kind": "supplier"}),
)


def search(stage: Stage, house: House) -> None:
    """Search from three characters; two are too few."""
    with stage.step("Search parties and references"):
        told = stage.record.trade["searches"] = []
        for path, words, wanted in _SEARCHES:
            refused = house["sales"].get(path, (422,), search=_SHORT)
            stage.refused(f"Searching {path[1:]} for {_SHORT}", refused, "search_too_short")
            found = [one["code"] for one in house["sales"].every(path, search=words)]
            stage.check(f"{wanted} among what {words!r} finds in {path[1:]}", True, wanted in found)
            told.append({"in": path[1:], "search": words, "found": found})


def export(stage: Stage, house: House) -> None:
    """Have lists written to files, as the search narrows them, and leave the files in `out/exports/`."""
    with stage.step("Export references and suppliers"):
        told = stage.record.trade["exports"] = []
        for what, kind, filters in _EXPORTS:
            asked = {"format": kind, "filters": filters}
            # An export is an event of the chain: played again within the day, the same one is read again.
            started = house["sales"].post(f"/{what}/exports", asked, (201, 202), key=f"demo-export-{what}").body
            ended = written(house["sales"], f"/exports/{started['id']}")
            name = f"{what}.{kind}"
            stage.keep("exports", name, download(ended["url"]), kind="export")
            stage.check(f"SHA-256 of {name}", ended["sha256"], stage.record.files[-1]["sha256"])
            stage.tell(f"{name}: {ended['rows']} rows")
            told.append({"what": what, "filters": filters, "rows": ended["rows"], "file": f"exports/{name}"})
