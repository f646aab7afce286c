"""Groupings: one product bought from several suppliers under several references (*regroupements*, CAT-03).

The search shows the grouping in place of its references: the first one by default, the others as
choices. It is kept in step when a reference of it changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from comptoir.access.codes import demand_free
from comptoir.access.context import Context
from comptoir.access.execute import Command, Reply
from comptoir.access.history import save
from comptoir.access.import_model import Importable
from comptoir.access.merging import Merge
from comptoir.access.permissions import Permission
from comptoir.access.queries import ListQuery, OfThing, ReadThing, ThingHistory
from comptoir.catalogue.items import REFERENCE, WHAT, ReferenceCodeTaken, findable, references_by_id, summary
from comptoir.catalogue.model import MOST_CHOICES, Choice, Reference, ReferenceSummary
from comptoir.kernel.errors import Breach, refuse_if
from comptoir.kernel.ids import Id
from comptoir.kernel.model import Model
from comptoir.kernel.text import Paragraph
from comptoir.store import backend, keys
from comptoir.store.findable import Findable, alphabetical
from comptoir.store.record import AnyKind, Index, Key, Kind
from comptoir.store.transaction import Transaction


class Member(Model):
    """A reference of a grouping, and the supplier that it is bought from."""

    reference: Id
    supplier: Id


Members = Annotated[tuple[Member, ...], Field(max_length=MOST_CHOICES)]


class GroupingFields(Model):
    """What is entered about a grouping: its references in the order in which they are proposed."""

    designation: Paragraph
    members: Members


class Grouping(GroupingFields):
    """A grouping, with what the search shows of it and finds it by; dissolved it has no members."""

    id: Id
    shown: ReferenceSummary | None = None
    words: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()


def _search(grouping: Grouping) -> Findable | None:
    if grouping.shown is None:
        return None
    texts = [grouping.shown.code, grouping.designation, *grouping.words]
    return Findable.of(WHAT, grouping.shown.code, texts, grouping.facets)


def _summary(grouping: Grouping) -> Model:
    return grouping.shown or Model()


GROUPINGS = "GROUPINGS"
"""The list of groupings."""


def _places(company: str, grouping: Grouping) -> dict[int, Index]:
    """By designation; one that is dissolved is in no list."""
    order = f"{alphabetical(grouping.designation)}#{grouping.id}"
    return {1: keys.by_kind(company, GROUPINGS, order)} if grouping.shown else {}


GROUPING = Kind("grouping", Grouping, summarise=_summary, index=_places, search=_search)


def grouping_breaches(
    members: Sequence[Member], references: Mapping[str, Reference], grouping: str | None
) -> list[Breach]:
    """Everything that is wrong with the members of a grouping; `references` are those that exist, by identifier."""
    found = []
    if len(members) == 1:
        fr, en = "Un regroupement a au moins deux références.", "A grouping has at least two references."
        found.append(Breach(code="grouping_of_two", fr=fr, en=en, pointer="/members"))
    kinds = {(reference.kind, reference.unit) for reference in references.values()}
    if len(kinds) > 1:
        fr, en = "Les références n'ont pas la même nature et la même unité.", "References differ in kind or unit."
        found.append(Breach(code="grouping_of_alike", fr=fr, en=en, pointer="/members"))
    for position, member in enumerate(members):
        at, reference = f"/members/{position}", references.get(member.reference)
        if reference is None:
            fr, en = "Référence inconnue.", "Unknown reference."
            found.append(Breach(code="unknown_reference", fr=fr, en=en, pointer=f"{at}/reference"))
            continue
        if any(other.reference == member.reference for other in members[:position]):
            fr, en = "Cette référence figure deux fois.", "This reference is given twice."
            found.append(Breach(code="duplicate_member", fr=fr, en=en, pointer=f"{at}/reference"))
        if reference.archived:
            fr, en = "Cette référence est archivée.", "This reference is archived."
            found.append(Breach(code="reference_archived", fr=fr, en=en, pointer=f"{at}/reference"))
        if reference.grouping not in (None, grouping):
            fr, en = "Cette référence est dans un autre regroupement.", "This reference is in another grouping."
            found.append(Breach(code="in_other_grouping", fr=fr, en=en, pointer=f"{at}/reference"))
        if member.supplier not in {offer.supplier for offer in reference.offers}:
            fr, en = (
                "Ce fournisseur n'a pas d'offre pour la référence.",
                "This supplier has no offer for the reference.",
            )
            found.append(Breach(code="supplier_without_offer", fr=fr, en=en, pointer=f"{at}/supplier"))
    return found


def composed(grouping: Grouping, references: Mapping[str, Reference]) -> Grouping:
    """The grouping with what it shows and is found by, from its references as they are."""
    members = [(member, references[member.reference]) for member in grouping.members]
    if not members:
        return grouping.change(shown=None, words=(), facets=())
    found = [findable(reference) for _, reference in members]
    shown = summary(members[0][1]).change(
        designation=grouping.designation,
        grouping=grouping.id,
        choices=tuple(Choice(reference=r.id, code=r.code, supplier=member.supplier) for member, r in members),
    )
    words = dict.fromkeys(word for each in found for word in each.words)
    every = dict.fromkeys(facet for each in found for facet in each.facets)
    return grouping.change(shown=shown, words=tuple(words), facets=tuple(every))


def _store(tx: Transaction, ctx: Context, key: Key, grouping: Grouping, before: Grouping | None) -> Grouping:
    """Write a grouping, and in its references, past ones included, where they belong."""
    past = [member.reference for member in before.members] if before else []
    references = references_by_id(tx, ctx.company, {*past, *(member.reference for member in grouping.members)})
    mine = {m.reference: references[m.reference] for m in grouping.members if m.reference in references}
    refuse_if(grouping_breaches(grouping.members, mine, grouping.id))
    for identifier, reference in references.items():
        demand_free(tx, keys.reference_code(ctx.company, reference.code))
        owner = grouping.id if identifier in mine else None
        changed = references[identifier] = reference.change(grouping=owner)
        save(tx, ctx, REFERENCE, keys.reference(ctx.company, identifier), changed, "grouped" if owner else "ungrouped")
    after = composed(grouping, references)
    save(tx, ctx, GROUPING, key, after, "updated" if before else "created")
    return after


def refresh(tx: Transaction, ctx: Context, reference: Reference) -> None:
    """Bring the grouping of a reference that changes in step with it. Errors: `Refused` when it no longer fits."""
    if reference.grouping is None:
        return
    key = keys.grouping(ctx.company, reference.grouping)
    before = tx.require(GROUPING, key)
    members = references_by_id(tx, ctx.company, {member.reference for member in before.members})
    members[reference.id] = reference
    refuse_if(grouping_breaches(before.members, members, before.id))
    save(tx, ctx, GROUPING, key, composed(before, members), "reference_updated")


REFERENCES = Importable(
    "references", REFERENCE, keys.reference, keys.reference_code, ReferenceCodeTaken, changed=refresh
)


class CreateGrouping(GroupingFields, Command):
    """Group references of several suppliers that are one product (CAT-03)."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE

    members: Annotated[Members, Field(min_length=2)]

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.reference(company, member.reference) for member in self.members]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        grouping = Grouping(id=ctx.new_id(), designation=self.designation, members=self.members)
        key = keys.grouping(ctx.company, grouping.id)
        stored = _store(tx, ctx, key, grouping, None)
        return Reply.of(stored, tx.next_version(key), 201)


class UpdateGrouping(Merge):
    """Change a grouping, or dissolve it by leaving it no members."""

    permission: ClassVar[Permission] = Permission.EDIT_CATALOGUE
    fields: ClassVar[type[Model]] = GroupingFields

    grouping: Id

    def keys(self, company: str) -> Sequence[Key]:
        return [keys.grouping(company, self.grouping)]

    def run(self, tx: Transaction, ctx: Context) -> Reply:
        key = keys.grouping(ctx.company, self.grouping)
        before = tx.require(GROUPING, key)
        ctx.expect(tx, key)
        entered: GroupingFields = self.merged(before)
        after = before.change(designation=entered.designation, members=entered.members)
        stored = _store(tx, ctx, key, after, before)
        return Reply.of(stored, tx.next_version(key))


class OfGrouping(OfThing):
    """A request on one grouping."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE
    kind: ClassVar[AnyKind] = GROUPING

    grouping: Id

    def place(self, company: str) -> Key:
        return keys.grouping(company, self.grouping)


class ReadGrouping(OfGrouping, ReadThing):
    """One grouping."""


class ReadGroupingHistory(OfGrouping, ThingHistory):
    """Who changed what of a grouping, newest first (ACC-06)."""


class ListGroupings(ListQuery):
    """The groupings by designation, each as its first reference with whom it can be bought from (CAT-03)."""

    permission: ClassVar[Permission] = Permission.READ_CATALOGUE

    def read(self, ctx: Context) -> Reply:
        query = backend.Query(pk=keys.by_kind(ctx.company, GROUPINGS, "")[0], index=1)
        return self.summaries(ctx, ReferenceSummary, query)
