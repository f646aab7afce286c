"""What saves, chooses, exports and imports the templates of a company (QUO-06); each change is chained (FIS-08)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from comptoir.access.commands import Administration, chain
from comptoir.access.context import Context
from comptoir.access.execute import Query, Reply
from comptoir.access.history import save
from comptoir.access.model import Code
from comptoir.access.permissions import Permission
from comptoir.access.queries import HistoryQuery
from comptoir.docbase.commands import known
from comptoir.docbase.items import DEFAULT, TEMPLATE, Default
from comptoir.docbase.ready import CLASSIC, READY
from comptoir.docbase.template import (
    Appearance,
    Digest,
    PrintKind,
    Template,
    TemplateFields,
    TemplateSummary,
    frozen,
)
from comptoir.kernel.errors import AlreadyExists, Breach, NotFound, Refused
from comptoir.kernel.model import Model
from comptoir.parties.snapshot import Language
from comptoir.store import backend, keys
from comptoir.store.record import Key
from comptoir.store.transaction import Transaction

MOST = 50
"""Templates per company: they fit one page of a list."""


def find(tx: Transaction, company: str, code: str) -> Template | None:
    """The company's template of this code, else the ready-made one."""
    return tx.get(TEMPLATE, keys.template(company, code)) or READY.get(code)


def appearance(tx: Transaction, company: str, code: str | None, language: Language, kind: PrintKind) -> Appearance:
    """What a document of this kind keeps of the template that it names, else of the company's default."""
    return frozen(chosen(tx, company, code), language, kind)


def chosen(tx: Transaction, company: str, code: str | None) -> Template:
    """The template that a document uses: the one it names, else the company's default, else « Classique »."""
    if code is None:
        default = tx.get(DEFAULT, keys.default_template(company))
        code = default.template if default else CLASSIC
    return find(tx, company, code) or READY[CLASSIC]


def looks(company: str) -> list[Key]:
    """What choosing a template reads for most documents, to be fetched along with the rest."""
    return [keys.default_template(company), keys.template(company, CLASSIC)]


def unknown_template(tx: Transaction, company: str, code: str | None) -> list[Breach]:
    """The breach of a document that names a template which does not exist."""
    if code is None or find(tx, company, code):
        return []
    return [Breach(code="unknown_template", fr="Modèle inconnu.", en="Unknown template.", pointer="/template")]


class SaveTemplate(Administration, TemplateFields):
    """Create or change a template, or make a ready-made one the company's own (QUO-06); `logo` is an image's hash."""

    guarded: ClassVar[bool] = True

    template: Code
    logo: Digest | None = None

    def keys(self, company: str) -> Sequence[Key]:
        own = [keys.template(company, self.template)]
        return [*own, keys.image(company, self.logo)] if self.logo else own

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.template(ctx.company, self.template)
        ctx.expect(tx, key)
        fields = self.picked(TemplateFields.model_fields)
        after = Template(code=self.template, logo=known(tx, ctx.company, self.logo, "/logo"), **fields)
        return _keep(tx, ctx, after)


def _keep(tx: Transaction, ctx: Context, template: Template) -> Reply:
    key = keys.template(ctx.company, template.code)
    before = tx.get(TEMPLATE, key)
    if before is None and len(_codes(ctx)) >= MOST:
        raise Refused([_TOO_MANY])
    if template != before:
        save(tx, ctx, TEMPLATE, key, template, "template_saved")
        chain(tx, ctx, "template_saved", template)
    return Reply.of(template, tx.next_version(key), 200 if before else 201)


_TOO_MANY = Breach(
    code="too_many_templates",
    fr=f"Une société a au plus {MOST} modèles.",
    en=f"A company has at most {MOST} templates.",
    pointer="/template",
)


def _codes(ctx: Context) -> list[TemplateSummary]:
    """The templates of the company's own, by code."""
    query = backend.Query(pk=keys.by_kind(ctx.company, "TEMPLATES", "")[0], index=1, limit=backend.MAX_PAGE)
    return list(ctx.services.store.summaries(TemplateSummary, query, None, backend.MAX_PAGE).items)


class ChooseTemplate(Administration):
    """Choose the template of the documents that name none."""

    template: Code

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.default_template(company), keys.template(company, self.template)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        if breaches := unknown_template(tx, ctx.company, self.template):
            raise Refused(breaches)
        key, after = keys.default_template(ctx.company), Default(template=self.template)
        if after != tx.get(DEFAULT, key):
            save(tx, ctx, DEFAULT, key, after, "template_chosen")
            chain(tx, ctx, "template_chosen", after)
        return Reply.of(after, tx.next_version(key))


class TemplateFile(TemplateFields):
    """A template as a file that another company can take; the logo stays at home."""

    format: Literal["comptoir-template-1"] = "comptoir-template-1"


class ImportTemplate(Administration, TemplateFile):
    """Take an exported template under a code that is free. The file is data only: what it may not hold is refused."""

    template: Code

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.template(company, self.template)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        if find(tx, ctx.company, self.template):
            raise AlreadyExists(pointer="/template")
        fields = self.picked(TemplateFields.model_fields)
        return _keep(tx, ctx, Template(code=self.template, **fields))


class TemplateQuery(Query):
    """Base of the queries on one template."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    template: Code

    def find(self, ctx: Context) -> tuple[Template, int | None]:
        """The template, and its version when it is the company's own. Errors: `NotFound`."""
        stored = ctx.services.store.get(TEMPLATE, keys.template(ctx.company, self.template))
        if stored:
            return stored.value, stored.version
        if self.template in READY:
            return READY[self.template], 0
        raise NotFound()


class ReadTemplate(TemplateQuery):
    """A template; a ready-made one that the company has not changed has version 0."""

    def read(self, ctx: Context) -> Reply:
        return Reply.of(*self.find(ctx))


class ReadTemplateHistory(TemplateQuery, HistoryQuery):
    """Who changed what of a template, newest first; nothing while it is as it came (ACC-06)."""

    permission: ClassVar[Permission] = Permission.ADMINISTER

    def read(self, ctx: Context) -> Reply:
        self.find(ctx)
        return self.history(ctx, keys.template(ctx.company, self.template).pk)


class ExportTemplate(TemplateQuery):
    """A template as a file for another company."""

    def read(self, ctx: Context) -> Reply:
        template, _ = self.find(ctx)
        return Reply.of(TemplateFile(**template.picked(TemplateFields.model_fields)))


class Templates(Model):
    """Every template that the company can use, its own and the ready-made, by name."""

    items: tuple[TemplateSummary, ...]


class ListTemplates(Query):
    """The templates that the company can use."""

    permission: ClassVar[Permission] = Permission.READ_ORDERS

    def read(self, ctx: Context) -> Reply:
        stored = ctx.services.store.get(DEFAULT, keys.default_template(ctx.company))
        default = stored.value.template if stored else CLASSIC
        ready = {
            code: TemplateSummary(code=code, name=t.name, accent=t.look.accent, ready_made=True)
            for code, t in READY.items()
        }
        found: dict[str, Any] = ready | {summary.code: summary for summary in _codes(ctx)}
        items = (summary.change(default=summary.code == default) for summary in found.values())
        return Reply.of(Templates(items=tuple(sorted(items, key=lambda summary: (summary.name, summary.code)))))
