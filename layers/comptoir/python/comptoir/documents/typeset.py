"""Line-breaking: texts cut into lines that fit a width, with widths known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate

from comptoir.documents.fonts import width, widths


def wrap(text: str, size: float, bold: bool, limit: float) -> list[str]:
    """`text` in lines of at most `limit`, broken at spaces, inside a word only when the word alone is too long.

    Line ends of the text are kept; no-break spaces hold.
    """
    if "\n" not in text and width(text, size, bold) <= limit:
        return [text]
    lines: list[str] = []
    for paragraph in text.splitlines():
        lines.extend(_fill(paragraph, size, bold, limit))
    return lines or [""]


def wrap_all(texts: Iterable[str], size: float, bold: bool, limit: float) -> list[str]:
    """Several texts, each from a new line."""
    return [line for text in texts for line in wrap(text, size, bold, limit)]


def fit(text: str, size: float, bold: bool, limit: float) -> float:
    """The largest size up to `size` at which `text` stays on one line of `limit`."""
    natural = width(text, size, bold)
    return size if natural <= limit else size * limit / natural


def shorten(text: str, size: float, bold: bool, limit: float) -> str:
    """`text` on one line of `limit`, its end replaced by an ellipsis when it must be.

    Only for a text that stands whole elsewhere in the document.
    """
    while width(text, size, bold) > limit:
        text = text[:-2].rstrip() + "…"
    return text


def _fill(paragraph: str, size: float, bold: bool, limit: float) -> Iterator[str]:
    space = width(" ", size, bold)
    line, used = "", 0.0
    for word in paragraph.replace("\t", " ").split(" "):
        needed = width(word, size, bold)
        if line and used + space + needed <= limit:
            line, used = f"{line} {word}", used + space + needed
            continue
        if line:
            yield line
        *full, word = _break_word(word, size, bold, limit) if needed > limit else (word,)
        yield from full
        line, used = word, width(word, size, bold)
    yield line


def _break_word(word: str, size: float, bold: bool, limit: float) -> list[str]:
    """A word longer than a line, cut where the line is full; a piece holds at least one character."""
    advance = widths(bold)
    pieces, start = [], 0
    edges = [0.0, *(edge * size for edge in accumulate(map(advance.__getitem__, word)))]
    for end in range(1, len(word) + 1):
        if edges[end] - edges[start] > limit and end - 1 > start:
            pieces.append(word[start : end - 1])
            start = end - 1
    return [*pieces, word[start:]]
