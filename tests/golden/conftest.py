"""The documents' fonts, cut once per session from the packages of package.json (`npm ci`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.layers.fonts import build


@pytest.fixture(scope="session", autouse=True)
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Freshly cut fonts, so that what is tested is what the present build makes."""
    folder = tmp_path_factory.mktemp("fonts")
    build(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPTOIR_FONTS", str(folder))
        yield
