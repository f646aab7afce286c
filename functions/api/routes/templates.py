"""Templates of documents: the company's own and the ready-made, as files too."""

from __future__ import annotations

from comptoir.access.model import HistoryEntry
from comptoir.access.queries import Listing
from comptoir.docbase.items import Default
from comptoir.docbase.template import Template
from comptoir.docbase.templates import (
    ChooseTemplate,
    ExportTemplate,
    ImportTemplate,
    ListTemplates,
    ReadTemplate,
    ReadTemplateHistory,
    SaveTemplate,
    TemplateFile,
    Templates,
)

from ..routing import Route

_TEMPLATE = {
    "name": "Maison",
    "look": {"accent": "#0F4C5C", "head": "band", "table_head": "filled", "rows": "striped", "columns": ["code"]},
    "texts": [{"language": "fr", "kinds": ["quote"], "header": "Négoce maritime depuis 1987"}],
}
_FILE = {"template": "importe", "format": "comptoir-template-1", **_TEMPLATE}

ROUTES = (
    Route("GET", "/templates", ListTemplates, Templates),
    Route("POST", "/templates/imports", ImportTemplate, Template, 201, "/templates/{code}", example=_FILE),
    Route("GET", "/templates/{template}", ReadTemplate, Template),
    Route("PUT", "/templates/{template}", SaveTemplate, Template, also={201: Template}, example=_TEMPLATE),
    Route("GET", "/templates/{template}/history", ReadTemplateHistory, Listing[HistoryEntry]),
    Route("GET", "/templates/{template}/file", ExportTemplate, TemplateFile),
    Route("PUT", "/company/template", ChooseTemplate, Default, example={"template": "marine"}),
)
