"""Writes the export folder: the verdict CSV with schema and manifest, and the summaries."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from factcheck.errors import UsageError
from factcheck.exports.summary import render_summary
from factcheck.exports.verdicts import manifest, render_schema, render_verdicts
from factcheck.model import CheckedClaim, Status

MANIFEST = "manifest.json"

_UNFINISHED = (Status.PENDING, Status.DISPUTED)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What one run of export wrote: paths below `folder`, and rows of the verdict CSV.

    `unfinished` has the pending and disputed claims of each unfinished article, by source.
    They are part of the export where that was allowed, and left out otherwise.
    """

    folder: Path
    files: tuple[str, ...]
    rows: int
    unfinished: dict[str, int]
    left_out: bool


def export(
    claims: Iterable[CheckedClaim],
    folder: Path,
    *,
    cursor: datetime | None,
    allow_incomplete: bool = False,
    spreadsheet_safe: bool = False,
    dry_run: bool = False,
) -> ExportReport:
    """Write what the desk says of `claims` into `folder`, each file whole or not at all.

    Articles with claims still open are left out unless allowed, and say so where they are in.
    Files of an earlier export that this one does not have are removed. The same claims give
    the same bytes. Raises UsageError without a single claim, as from the wrong database, and
    leaves an earlier export alone then.
    """
    by_article: dict[str, list[CheckedClaim]] = {}
    for claim in claims:
        by_article.setdefault(claim.article.id, []).append(claim)
    if not by_article:
        raise UsageError(
            "There is no claim to export, and nothing was written.",
            hint="First `factcheck ingest FOLDER`. If that was done: is `database` the desk's "
            "own, and was a claim there at the time of --as-of?",
        )
    unfinished = {
        article_id: open_claims
        for article_id, checked in by_article.items()
        if (open_claims := sum(claim.status in _UNFINISHED for claim in checked))
    }
    told = {by_article[article][0].article.source: n for article, n in unfinished.items()}
    if not allow_incomplete:
        by_article = {key: value for key, value in by_article.items() if key not in unfinished}
    rows = [claim for checked in by_article.values() for claim in checked]
    files = {
        "verdicts.csv": render_verdicts(rows),
        "verdicts.schema.json": render_schema(),
    }
    if spreadsheet_safe:
        files["verdicts.spreadsheet-safe.csv"] = render_verdicts(rows, spreadsheet_safe=True)
    for article_id, checked in by_article.items():
        summary = render_summary(checked, complete=article_id not in unfinished)
        files[f"{article_id}/summary.md"] = summary.encode()
    files[MANIFEST] = manifest(
        files,
        {name: len(rows) for name in files if name.endswith(".csv")},
        cursor=cursor.astimezone(UTC).isoformat().replace("+00:00", "Z") if cursor else None,
        complete=not (allow_incomplete and unfinished),
    )
    if not dry_run:
        _write(folder, files)
    return ExportReport(
        folder=folder,
        files=tuple(sorted(files)),
        rows=len(rows),
        unfinished=dict(sorted(told.items())),
        left_out=not allow_incomplete,
    )


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = _files_of(folder / MANIFEST)
        for name in sorted(files.keys() - {MANIFEST}):
            _replace(folder / name, files[name])
        for name in sorted(before - files.keys()):
            (folder / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty: somebody keeps files of theirs there
                (folder / name).parent.rmdir()
        # Last, so that an export cut short shows: its files don't have the digests listed.
        _replace(folder / MANIFEST, files[MANIFEST])
    except OSError as error:
        raise UsageError(
            f"The export can't be written: {error}.",
            hint="Check that the folder (setting `exports`) is writable and the disk is not full.",
        ) from error


def _files_of(manifest_file: Path) -> set[str]:
    """Names that an earlier manifest lists, as far as they lie below its folder."""
    try:
        listed = json.loads(manifest_file.read_text(encoding="utf-8"))["files"]
        names = {str(file["path"]) for file in listed}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return set()
    root = manifest_file.parent.resolve()
    return {name for name in names if (root / name).resolve().is_relative_to(root)}


def _replace(file: Path, content: bytes) -> None:
    if file.exists() and file.read_bytes() == content:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
