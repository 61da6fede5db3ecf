"""The verdict CSV, its schema and the manifest: the contract with other systems, version 1.

Within a version no column is renamed, moved or removed, and no rule for a cell changes.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from factcheck.model import Provenance, Reason, Status, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from factcheck.model import CheckedClaim

VERSION = 1

COLUMNS = (
    "claim_id",
    "article_id",
    "article_title",
    "article_source",
    "article_sha256",
    "position",
    "start",
    "end",
    "claim",
    "status",
    "verdict",
    "provenance",
    "reviews",
    "supported",
    "overstated",
    "unsupported",
    "overstated_reasons",
    "problem_words",
    "correction",
    "evidence",
    "reviewers",
    "note",
    "decided_at",
    "updated_at",
)


def render_verdicts(claims: Sequence[CheckedClaim], *, spreadsheet_safe: bool = False) -> bytes:
    """One row for each claim as CSV: UTF-8 without a byte order mark, LF, RFC 4180 quoting.

    Rows are sorted by the article's source, live claims before stale ones, then by position
    and id, so that the order of `claims` does not matter. What is unknown is an empty cell.
    `spreadsheet_safe` puts an apostrophe before cells that a spreadsheet would run as a
    formula: for people, not for the importer.
    """
    import pandas as pd

    # Hashed once for each revision, not for each of its claims: an article may be megabytes.
    digests = {article: article.sha256 for article in {claim.article for claim in claims}}
    rows = [
        _row(claim, digests[claim.article])
        for claim in sorted(
            claims,
            key=lambda c: (
                c.article.source,
                c.status is Status.STALE,
                c.claim.position,
                c.claim.id,
            ),
        )
    ]
    if spreadsheet_safe:
        rows = [{name: _inert(cell) for name, cell in row.items()} for row in rows]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    csv = _LineFeeds()
    frame.to_csv(csv, index=False, lineterminator=_LineFeeds.TERMINATOR)
    return csv.getvalue().encode()


class _LineFeeds(io.StringIO):
    """Takes rows that end in CR LF and keeps them ending in LF.

    Before Python 3.11.9 and 3.12.3 the csv module quotes a CR within a cell only where the
    line terminator has one too (python/cpython#67044). Ended by a plain LF, a row would hold
    a bare CR, and readers take that for the end of the row. The csv writer hands over one
    whole row with each call.
    """

    TERMINATOR = "\r\n"

    def write(self, row: str) -> int:
        return super().write(row.removesuffix(self.TERMINATOR) + "\n")


def _row(checked: CheckedClaim, article_sha256: str) -> dict[str, str | int]:
    article, claim, decision = checked.article, checked.claim, checked.decision
    return {
        "claim_id": claim.id,
        "article_id": article.id,
        "article_title": article.title,
        "article_source": article.source,
        "article_sha256": article_sha256,
        "position": claim.position,
        "start": claim.span.start,
        "end": claim.span.end,
        "claim": claim.text,
        "status": checked.status,
        "verdict": decision.verdict or "",
        "provenance": decision.provenance or "",
        "reviews": len(checked.reviews),
        **{verdict: decision.tally.get(verdict, 0) for verdict in Verdict},
        "overstated_reasons": ";".join(decision.reasons),
        "problem_words": _json_list(decision.problem_words),
        "correction": decision.correction or "",
        "evidence": " ".join(_without_spaces(url) for url in decision.evidence),
        "reviewers": ";".join(name.replace(";", "%3B") for name in decision.reviewers),
        "note": decision.note or "",
        "decided_at": _timestamp(checked.decided_at) if checked.decided_at else "",
        "updated_at": _timestamp(checked.updated_at),
    }


def _json_list(words: Sequence[str]) -> str:
    return json.dumps(words, ensure_ascii=False) if words else ""


def _without_spaces(url: str) -> str:
    return re.sub(r"\s", lambda space: quote(space[0]), url.strip())


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _inert(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell


def schema() -> dict[str, Any]:
    """The contract as a Frictionless Table Schema (Data Package 2.0), with its `version`.

    Lists are strings with a rule and not of the type `list`, which version 2.0 brought and
    part of its tools still refuse.
    """
    required = {"required": True}
    count = {"type": "integer", "constraints": {"required": True, "minimum": 0}}
    reason = f"({'|'.join(Reason)})"
    fields: dict[str, dict[str, Any]] = {
        "claim_id": {
            "type": "string",
            "description": "Stays the same while the claim's words stay in the article.",
            "constraints": {"required": True, "unique": True},
        },
        "article_id": {
            "type": "string",
            "description": "Made from the article's source, the same for all its revisions.",
            "constraints": required,
        },
        "article_title": {"type": "string", "description": "The article's title."},
        "article_source": {
            "type": "string",
            "description": "Path below the ingested folder, or URL.",
            "constraints": required,
        },
        "article_sha256": {
            "type": "string",
            "description": "SHA-256 of the canonical text (NFC, LF, UTF-8) of the revision that "
            "the claim is quoted from. For a stale claim: the last revision that held it.",
            "constraints": {"required": True, "pattern": "[0-9a-f]{64}"},
        },
        "position": {
            "type": "integer",
            "description": "Number of the claim in that revision, from 1.",
            "constraints": {"required": True, "minimum": 1},
        },
        "start": {
            **count,
            "description": "Where the claim starts in the canonical text, in code points from 0.",
        },
        "end": {**count, "description": "Where it ends; this code point no longer belongs to it."},
        "claim": {
            "type": "string",
            "description": "The claim, verbatim: the canonical text from start to end.",
            "constraints": required,
        },
        "status": {
            "type": "string",
            "description": "pending: too few reviews. decided: the verdict stands. disputed: "
            "reviewers differ. dropped: no checkable claim. stale: its words are no longer in "
            "the article, and the other columns tell where it stood last.",
            "constraints": {"required": True, "enum": list(Status)},
        },
        "verdict": {
            "type": "string",
            "description": "How far the evidence bears the claim out; empty where nothing is "
            "decided.",
            "constraints": {"enum": list(Verdict)},
        },
        "provenance": {
            "type": "string",
            "description": "How the decision came about; empty where there is none.",
            "constraints": {"enum": list(Provenance)},
        },
        "reviews": {
            **count,
            "description": "Counted reviews. Those that found the claim not checkable are not "
            "in the three columns that follow.",
        },
        "supported": {**count, "description": "Reviews with this verdict."},
        "overstated": {**count, "description": "Reviews with this verdict."},
        "unsupported": {**count, "description": "Reviews with this verdict."},
        "overstated_reasons": {
            "type": "string",
            "description": "Why the claim is overstated: codes separated by ';'.",
            "constraints": {"pattern": f"{reason}(;{reason})*"},
        },
        "problem_words": {
            "type": "array",
            "description": "The words at fault as a JSON array of strings, since they may hold "
            "any separator; empty where none are marked.",
        },
        "correction": {
            "type": "string",
            "description": "How the claim should read. May hold line breaks.",
        },
        "evidence": {
            "type": "string",
            "description": "URLs separated by a space; white space within one is percent-encoded.",
            "constraints": {"pattern": "\\S+( \\S+)*"},
        },
        "reviewers": {
            "type": "string",
            "description": "Who reviewed the claim: sorted, separated by ';'. A ';' within a "
            "name is written %3B.",
        },
        "note": {
            "type": "string",
            "description": "The editor's note where provenance is adjudicated. May hold line "
            "breaks.",
        },
        "decided_at": {
            "type": "datetime",
            "description": "When the decision came about, UTC in whole seconds.",
        },
        "updated_at": {
            "type": "datetime",
            "description": "When anything in this row last changed, UTC in whole seconds.",
            "constraints": required,
        },
    }
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "name": "factcheck-verdicts",
        "version": VERSION,
        "fields": [{"name": name, **fields[name]} for name in COLUMNS],
        "missingValues": [""],
        "primaryKey": ["claim_id"],
    }


def render_schema() -> bytes:
    """The schema as JSON."""
    return _json(schema())


def manifest(
    files: Mapping[str, bytes],
    rows: Mapping[str, int],
    *,
    cursor: str | None,
    complete: bool,
) -> bytes:
    """What an export consists of, as JSON: each file's size, SHA-256 and, for tables, rows.

    `files` maps names relative to the export folder to contents, `rows` those of tables to
    their rows without the header. `cursor` is the point in the annotation server's history
    that the export stands for, None before the first sync. `complete` is false where an
    article was exported with claims still pending or disputed. Holds no time of its own, so
    that the same database gives the same bytes.
    """
    if unknown := sorted(rows.keys() - files.keys()):
        raise ValueError(f"rows of files that are not in the export: {unknown}")
    return _json(
        {
            "contract": "factcheck-verdicts",
            "version": VERSION,
            "complete": complete,
            "cursor": cursor,
            "files": [
                {
                    "path": name,
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    **({"rows": rows[name]} if name in rows else {}),
                }
                for name, content in sorted(files.items())
            ],
        }
    )


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
