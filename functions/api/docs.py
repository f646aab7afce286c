"""The OpenAPI document as one readable page: no script, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_STYLE = """
:root{--ink:#1d2733;--soft:#5c6b7a;--line:#dfe5ea;--paper:#fff;--wash:#f5f7f9;--accent:#0b6e99;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa8b5;--line:#2d3843;--paper:#12181e;--wash:#1a2229;
--accent:#63b7dc}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 6rem}h1{font-size:2rem;margin:0}
h2{font-size:1.2rem;margin:2.75rem 0 .75rem;padding-bottom:.35rem;border-bottom:1px solid var(--line)}
h4{font-size:.8rem;margin:1.1rem 0 .35rem;color:var(--soft);text-transform:uppercase;letter-spacing:.05em}
a{color:var(--accent)}code,pre{font:13px/1.5 ui-monospace,monospace}p,ul{max-width:48rem}
nav{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin:1rem 0}
details{border:1px solid var(--line);border-radius:8px;margin:.45rem 0;overflow:hidden}
summary{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:baseline;padding:.55rem .8rem;cursor:pointer}
summary:hover,details[open]>summary{background:var(--wash)}details>div{padding:.2rem .9rem 1rem}
.verb{font:600 12px/1.7 ui-monospace,monospace;width:3.6rem;text-align:center;border-radius:4px;color:#fff}
.get{background:#2c7a4b}.post{background:#1f5fa8}.put,.patch{background:#9a6200}.delete{background:#a8322a}
.path{font-weight:600}.what{color:var(--soft);flex:1;min-width:14rem}
.right{font-size:12px;border:1px solid var(--line);border-radius:99px;padding:0 .6rem;color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line)}
th{font-size:12px;color:var(--soft);font-weight:600}pre{background:var(--wash);padding:.7rem;border-radius:6px;
overflow-x:auto;margin:.3rem 0}.need{color:#c2410c;font-size:12px}
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
STYLE_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'"
_SAMPLES = {"string": "texte", "integer": 1, "number": 1, "boolean": True, "null": None}
_MARKS = ((re.compile(r"`([^`]+)`"), r"<code>\1</code>"), (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"))
Node = Mapping[str, Any]


def render(document: Node) -> str:
    """The page of an OpenAPI document."""
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(document, method, path, operation))
    info = document["info"]
    links = [f'<a href="#{escape(tag)}">{escape(tag)}</a>' for tag in (*groups, "problems", "schemas")]
    parts = [f"<h1>{escape(info['title'])}</h1>", _prose(info["description"]), f"<nav>{''.join(links)}</nav>"]
    parts += [_section(tag, operations) for tag, operations in groups.items()]
    parts += [_section("problems", [_problems(document)]), _section("schemas", _schemas(document))]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    title = f"<title>{escape(info['title'])} · API</title>"
    return f'<!doctype html><html lang="en"><head>{head}{title}</head><body><main>{"".join(parts)}</main></body></html>'


def _prose(text: str) -> str:
    shown, items = [], []
    for line in text.strip().splitlines():
        marked = escape(line.removeprefix("- "), quote=False)
        for pattern, replacement in _MARKS:
            marked = pattern.sub(replacement, marked)
        if line.startswith("- "):
            items.append(f"<li>{marked}</li>")
        elif line:
            shown.append(f"<p>{marked}</p>")
    return "".join(shown) + (f"<ul>{''.join(items)}</ul>" if items else "")


def _section(name: str, parts: Iterable[str]) -> str:
    title = escape(name.replace("-", " ").capitalize())
    return f'<section id="{escape(name)}"><h2>{title}</h2>{"".join(parts)}</section>'


def _operation(document: Node, method: str, path: str, operation: Node) -> str:
    permission = operation.get("x-permission")
    right = f'<span class="right">{escape(permission or "open")}</span>'
    summary = (
        f'<span class="verb {method}">{method.upper()}</span><code class="path">{escape(path)}</code>'
        f'<span class="what">{escape(operation["summary"])}</span>{right}'
    )
    body = [_prose(operation.get("description", ""))]
    if operation.get("parameters"):
        body.append("<h4>Parameters</h4>" + _table(_parameter_rows(operation["parameters"])))
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        body.append("<h4>Body</h4>" + _properties(_resolve(document, content["schema"])))
        body.append(_code(content.get("example") or _sample(document, content["schema"])))
    for status, response in operation["responses"].items():
        if "content" in response:
            body.append(f"<h4>Answer {status}</h4>" + _answer(document, response["content"]))
    refusals = [f'<a href="#p{s}">{s}</a>' for s, found in operation["responses"].items() if "$ref" in found]
    if refusals:
        body.append(f"<h4>Problems</h4>{' '.join(refusals)}")
    return _fold(operation["operationId"], summary, "".join(body))


def _fold(anchor: str, summary: str, body: str) -> str:
    return f'<details id="{escape(anchor)}"><summary>{summary}</summary><div>{body}</div></details>'


def _parameter_rows(parameters: Iterable[Node]) -> list[tuple[str, str, str]]:
    return [
        (
            _name(p["name"], p.get("required", False)),
            f"{escape(p['in'])}, {_type(p['schema'])}",
            escape(p.get("description") or p["schema"].get("description", "")),
        )
        for p in parameters
    ]


def _answer(document: Node, content: Node) -> str:
    (media, shown), *_ = content.items()
    if "$ref" not in shown["schema"]:
        return f"<p><code>{escape(media)}</code></p>"
    return f"<p>{_type(shown['schema'])}</p>" + _code(_sample(document, shown["schema"]))


def _problems(document: Node) -> str:
    rows: list[tuple[str, str, str]] = []
    for response in document["components"]["responses"].values():
        examples = response["content"]["application/problem+json"]["examples"].values()
        for position, example in enumerate(examples):
            value = example["value"]
            anchor = "" if position else f' id="p{value["status"]}"'
            told = f"{escape(value['detail']['en'])}<br>{escape(value['detail']['fr'])}"
            rows.append((f"<span{anchor}>{value['status']}</span>", f"<code>{escape(value['code'])}</code>", told))
    return _table(rows)


def _schemas(document: Node) -> list[str]:
    shown = []
    for name, schema in document["components"]["schemas"].items():
        first = schema.get("description", "").partition("\n")[0]
        summary = f'<code class="path">{escape(name)}</code><span class="what">{escape(first)}</span>'
        shown.append(_fold(f"s-{name}", summary, _properties(schema) or _choices(schema)))
    return shown


def _choices(schema: Node) -> str:
    return "<p>" + " ".join(f"<code>{escape(str(choice))}</code>" for choice in schema.get("enum", ())) + "</p>"


def _properties(schema: Node) -> str:
    required = schema.get("required", [])
    rows = [
        (_name(name, name in required), _type(field), escape(field.get("description", "")))
        for name, field in schema.get("properties", {}).items()
    ]
    return _table(rows) if rows else ""


def _name(name: str, required: bool) -> str:
    return f"<code>{escape(name)}</code>" + (' <span class="need">required</span>' if required else "")


def _type(schema: Node) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#s-{name}">{name}</a>'
    if "anyOf" in schema or "oneOf" in schema:
        return " or ".join(_type(part) for part in schema.get("anyOf") or schema["oneOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    shown = escape(str(schema.get("format") or schema.get("type", "any")))
    limits = {"minLength": "≥", "maxLength": "≤", "minimum": "≥", "maximum": "≤", "x-minimum": "≥", "pattern": ""}
    told = [f"{sign} {escape(str(schema[key]))}".strip() for key, sign in limits.items() if key in schema]
    return shown + (f" <code>{' · '.join(told)}</code>" if told else "")


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    lines = "".join(f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
    return f'<div class="wide"><table>{lines}</table></div>'


def _code(value: Any) -> str:
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False), quote=False)}</pre>"


def _resolve(document: Node, schema: Node) -> Node:
    if "$ref" not in schema:
        return schema
    found: Node = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _sample(document: Node, schema: Node, depth: int = 0) -> Any:
    """A value of the shape of a schema, to show."""
    schema = _resolve(document, schema)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return _sample(document, schema[key][0], depth)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if schema.get("type") == "array":
        return [_sample(document, schema["items"], depth + 1)] if "items" in schema and depth < 4 else []
    if "properties" in schema and depth < 5:
        return {name: _sample(document, field, depth + 1) for name, field in schema["properties"].items()}
    return _text(schema) if schema.get("type") == "string" else _SAMPLES.get(schema.get("type", ""), {})


def _text(schema: Node) -> str:
    by_format = {"date": "2026-11-21", "date-time": "2026-11-21T21:41:12Z"}
    if "{26}" in schema.get("pattern", ""):
        return "01KASXPZ5CF1A3H9QJ4M7R2W8T"
    return by_format.get(schema.get("format", ""), "…")
