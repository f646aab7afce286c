"""Previews: rendered from content that is stored nowhere (DOC-02)."""

from __future__ import annotations

from comptoir.access.context import Context
from comptoir.kernel.model import Model


class Preview(Model):
    """A short-lived link to a document that is not one: no number, a watermark, gone after a day (DOC-02)."""

    url: str | None = None


def preview(ctx: Context, kind: str, content: Model) -> Preview:
    """Have content that is stored nowhere rendered, and link to it."""
    services = ctx.services
    if services.renderer is None or services.files is None:
        return Preview()
    task = {"task": "render_preview", "company": ctx.company, "kind": kind, "content": content.model_dump(mode="json")}
    return Preview(url=services.files.link("files", services.renderer.render(task)["key"]))
