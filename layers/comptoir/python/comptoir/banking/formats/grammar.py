"""What elements a message may hold, in which order and how often, and what their texts must be: read, then checked.

A grammar is written as the indented names of its elements. `?` says that an element may be absent,
`+` that it may repeat, `*` both; lines that begin with `|` are alternatives of which one stands. A
word after the name is the kind of its text (`values`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from comptoir.banking.formats.values import KINDS, Kind
from comptoir.kernel.errors import Breach
from comptoir.markup.safe_xml import line_of

_LINE = re.compile(r"(?P<indent> *)(?P<choice>\|)?(?P<name>\w+)(?P<often>[?+*])?(?: (?P<kind>\w+))?")


@dataclass(slots=True)
class Rule:
    """An element: the kind of its text, or the places of its children in their order."""

    name: str
    kind: Kind | None = None
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class Place:
    """A place in a sequence: one element, or alternatives of which one stands; `open` ones take more alternatives."""

    rules: dict[str, Rule]
    optional: bool
    many: bool
    open: bool = False


def parse(text: str) -> Rule:
    """The root rule of a grammar."""
    root = Rule("")
    open_rules = [root]
    for line in text.strip().splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"not a line of a grammar: {line!r}")
        often = found["often"] or "1"
        rule = Rule(found["name"], KINDS[found["kind"]] if found["kind"] else None)
        del open_rules[len(found["indent"]) + 1 :]
        places = open_rules[-1].places
        # Alternatives stand together in the place that the first of them opened.
        if found["choice"] and places and places[-1].open:
            places[-1].rules[rule.name] = rule
        else:
            places.append(Place({rule.name: rule}, often in "?*", often in "+*", bool(found["choice"])))
        open_rules.append(rule)
    return next(iter(root.places[0].rules.values()))


Skip = Callable[[str], bool]


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def breaches(rule: Rule, element: etree._Element, at: str, skip: Skip = lambda name: False) -> Iterator[Breach]:
    """Every way in which an element is not as its rule says. Elements that `skip` names are not looked into."""
    if rule.kind is not None:
        yield from _text(rule.kind, element, at)
        return
    children = list(element)
    names = [local(child) for child in children]
    yield from _foreign(element, children, at)
    ordinals: dict[str, int] = {}
    next_child = 0
    for place in rule.places:
        count = 0
        while next_child < len(children) and names[next_child] in place.rules:
            child, name = children[next_child], names[next_child]
            next_child, count = next_child + 1, count + 1
            ordinals[name] = ordinals.get(name, 0) + 1
            inner = f"{at}/{name}[{ordinals[name]}]" if place.many else f"{at}/{name}"
            if count > 1 and not place.many:
                yield _wrong("element_repeated", inner, child, "élément de trop", "one element too many")
            if not skip(name):
                yield from breaches(place.rules[name], child, inner, skip)
        if not count and not place.optional and not place.rules.keys() & set(names):
            wanted = " / ".join(place.rules)
            yield _wrong("element_missing", f"{at}/{wanted}", element, "élément manquant", "missing element")
    for child, name in zip(children[next_child:], names[next_child:], strict=True):
        known = any(name in place.rules for place in rule.places)
        told = ("élément mal placé", "misplaced element") if known else ("élément non admis", "element not allowed")
        yield _wrong("element_misplaced" if known else "element_unknown", f"{at}/{name}", child, *told)


def _foreign(element: etree._Element, children: list[etree._Element], at: str) -> Iterator[Breach]:
    """Text beside elements, an attribute, or nothing at all."""
    loose = element.text or ""
    for child in children:
        loose += child.tail or ""
    if loose and not loose.isspace():
        yield _wrong("text_misplaced", at, element, "texte non admis ici", "text not allowed here")
    if element.attrib:
        yield _wrong("attribute_unknown", at, element, "attribut non admis", "attribute not allowed")
    if not children:
        yield _wrong("element_empty", at, element, "élément vide", "empty element")


def _text(kind: Kind, element: etree._Element, at: str) -> Iterator[Breach]:
    text = element.text or ""
    if len(element) or not text:
        told = ("élément vide", "empty element") if not text else ("texte seul attendu", "only a text is expected")
        yield _wrong("element_empty" if not text else "text_expected", at, element, *told)
        return
    attributes = set(element.attrib) - ({"Ccy"} if kind.currency else set())
    if attributes:
        yield _wrong("attribute_unknown", at, element, "attribut non admis", "attribute not allowed")
    if kind.currency and not re.fullmatch("[A-Z]{3}", element.get("Ccy", "")):
        yield _wrong("currency_missing", at, element, "devise manquante", "missing currency")
    for code, fr, en in kind.flaws(text):
        yield _wrong(code, at, element, fr, en)


def _wrong(code: str, at: str, element: etree._Element, fr: str, en: str) -> Breach:
    line = line_of(element)
    return Breach(code=code, pointer=at, fr=f"Ligne {line}, {at} : {fr}.", en=f"Line {line}, {at}: {en}.")
