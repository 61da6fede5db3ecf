"""A desk: its folder, its settings, its database and its annotation server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError

from factcheck import bundled, settings
from factcheck.claims.pointing import Pointing
from factcheck.errors import DatabaseError, NotAuthorisedError, UnreachableError
from factcheck.labelstudio.local import LocalServer
from factcheck.review.cutting import Cutting
from factcheck.review.settle import Policy
from factcheck.settings import Settings
from factcheck.store.engine import Database, open_database

if TYPE_CHECKING:
    from factcheck.labelstudio.client import LabelStudio


@dataclass(frozen=True)
class Desk:
    """What the commands work on; the folder is where `factcheck.toml` and the data lie."""

    folder: Path
    settings: Settings

    @property
    def policy(self) -> Policy:
        """How this desk decides."""
        return Policy(self.settings.reviews_per_claim, self.settings.rule)

    def cutting(self, *, as_english: bool = False) -> Cutting:
        """How this desk cuts articles, with what it adds in `wording.toml` and `cues.toml`.

        Raises UsageError where the latter can't be used.
        """
        pointing = Pointing(self.folder / "cues.toml")
        return Cutting(self.folder / "wording.toml", pointing, as_english)

    @property
    def labeling(self) -> str:
        """The XML of the page that the reviewers see."""
        return bundled.path("configs/labeling.xml").read_text(encoding="utf-8")

    @property
    def local_server(self) -> LocalServer:
        """The Label Studio that `factcheck server` runs for this desk."""
        return LocalServer(self.folder / ".factcheck" / "server")

    @contextlib.contextmanager
    def database(self, *, dry_run: bool = False) -> Iterator[Database]:
        """The desk's database, brought up to date, closed at the end.

        What a dry run changes is undone then. Raises DatabaseError also where the database
        gives up while in use: a full disk, a lost server.
        """
        database = open_database(self.settings.database, self.folder)
        try:
            with database.rehearsal() if dry_run else contextlib.nullcontext(database) as opened:
                yield opened
        except OperationalError as error:
            raise DatabaseError(
                f"The database gave up: {error.orig}.",
                hint="See that its disk is not full and its server is up, then run this again: "
                "it goes on where it stopped.",
            ) from error
        finally:
            database.close()

    @contextlib.contextmanager
    def server(self) -> Iterator[LabelStudio]:
        """The desk's Label Studio: the one that the settings name, else the local one.

        Raises UnreachableError or NotAuthorisedError before anything is tried on it.
        """
        url, token = self._address()
        # The SDK takes half a second to import: only what talks to the server pays for it.
        from factcheck.labelstudio.client import LabelStudio

        server = LabelStudio(url, token)
        try:
            yield server
        finally:
            server.close()

    def _address(self) -> tuple[str, str]:
        url, token = self.settings.label_studio_url, self.settings.token()
        if url is None:
            local = self.local_server.status()
            if not local.running or local.url is None or local.token is None:
                raise UnreachableError(
                    "No Label Studio is set, and the local one is not running.",
                    hint="Start it with `factcheck server start`, or set LABEL_STUDIO_URL and "
                    "LABEL_STUDIO_API_KEY to use your own.",
                )
            return local.url, local.token
        if not token:
            raise NotAuthorisedError(
                f"There is no token for Label Studio at {url}.",
                hint="Make one there under Account & Settings, and put it into "
                "LABEL_STUDIO_API_KEY or the file that label_studio_api_key_file names.",
            )
        return url, token


def open_desk(folder: Path, **flags: Any) -> Desk:
    """The desk in `folder`; flags beat the environment and `factcheck.toml`."""
    return Desk(folder, settings.load(folder, **flags))
