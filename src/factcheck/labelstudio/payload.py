"""What goes to Label Studio and what comes back, in the shapes its API has.

The names of the controls are those of `configs/labeling.xml`. The server enforces nothing of
that page, so every result is read as if by a stranger: what can't be understood becomes a
judgement with a `problem`, and is never guessed at.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from factcheck.model import (
    Assignment,
    CueKind,
    Judgement,
    Posting,
    Problem,
    Reason,
    ReceivedReview,
    ReceivedTask,
    Verdict,
)

NOT_CHECKABLE = "not_checkable"
_AT_FAULT = "words at fault"

QUEUE = "Claims"
"""The title of the desk's view of its tasks in the Data Manager."""

# The columns that it shows, in pixels; those up to the cues that matter most fit into 1280.
_WIDTHS = {
    "tasks:total_annotations": 60,
    "tasks:annotators": 110,
    "tasks:data.claim": 300,
    "tasks:data.article_title": 130,
    "tasks:data.position": 100,
    "tasks:data.cues": 130,
    "tasks:data.cue_words": 130,
    "tasks:data.overstating_cues": 130,
    "tasks:data.cue_count": 110,
    "tasks:data.parts": 80,
}
_NUMBERS = ("overstating_cues", "cue_count", "parts")

# What the page shows of a task; the rest of its data is for the Data Manager and for us.
_SHOWN = ("article_title", "claim", "context_html", "lead_in")


def posting(assignment: Assignment) -> Posting:
    """The task that shows `assignment`."""
    data = _data(assignment)
    return Posting(assignment.claim_id, content_hash(data), data)


def task(posting: Posting, batch: str) -> dict[str, Any]:
    """A task as the API takes it; claim and content stand in `data` and in `meta`."""
    known = {"claim_id": posting.claim_id, "content_hash": posting.content_hash}
    return {"data": {**posting.data, **known}, "meta": known | {"batch": batch}}


def content_hash(data: Mapping[str, Any]) -> str:
    """Hex SHA-256 of what the reviewer sees of a task with this `data`.

    Fields that it does not have are left out: tasks older than a field keep their hash.
    """
    shown = json.dumps([data[name] for name in _SHOWN if name in data], ensure_ascii=False)
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def _data(assignment: Assignment) -> Mapping[str, Any]:
    kinds = {cue.kind for cue in assignment.cues}
    words = [" ".join(cue.span.of(assignment.claim).split()) for cue in assignment.cues]
    return {
        "article_title": assignment.article_title,
        "article_source": assignment.article_source,
        "position": f"{assignment.position} of {assignment.claims_in_article}",
        "lead_in": assignment.lead_in or "",
        "claim": assignment.claim,
        "context_html": _context(assignment),
        "cues": ", ".join(str(kind).replace("_", " ") for kind in CueKind if kind in kinds),
        "cue_words": "; ".join(dict.fromkeys(words)),
        "overstating_cues": assignment.overstating,
        "cue_count": len(assignment.cues),
        "parts": assignment.parts,
    }


def _context(assignment: Assignment) -> str:
    """The surroundings as HTML: all of the article's text escaped, the claim marked."""
    heading = ""
    if assignment.heading and assignment.heading != assignment.article_title:
        heading = f"<p><strong>{_escaped(assignment.heading)}</strong></p>"
    marked = (
        f"{_escaped(assignment.before)}<mark>{_escaped(assignment.claim)}</mark>"
        f"{_escaped(assignment.after)}"
    )
    paragraphs = "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", marked))
    return heading + paragraphs


def queue(project_id: int, columns: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The desk's view of a project's tasks that has these `columns`: what a person looks for.

    Beside an opened task there is room for the claim alone. The order is left as it is, that of
    the tasks' ids: reviewers are handed the tasks in the order of the view that they open.
    """
    names = [
        f"tasks:{column['parent'] + '.' if column.get('parent') else ''}{column['id']}"
        for column in columns
    ]
    return {
        "project": project_id,
        "data": {
            "title": QUEUE,
            "hiddenColumns": {
                "explore": [name for name in names if name not in _WIDTHS],
                "labeling": [name for name in names if name != "tasks:data.claim"],
            },
            "columnsWidth": _WIDTHS,
            "columnsDisplayType": {f"tasks:data.{name}": "Number" for name in _NUMBERS},
        },
    }


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)


def received_task(row: Mapping[str, Any], reviewers: Mapping[int, str]) -> ReceivedTask:
    """A task of the server's list, with its annotations; `reviewers` names users by id."""
    data = row["data"]
    claim = data.get("claim")
    return ReceivedTask(
        id=int(row["id"]),
        claim_id=claim_id(row),
        content_hash=content_hash(data),
        pushed_hash=pushed_hash(row),
        updated_at=moment(row["updated_at"]),
        reviews=tuple(
            _received_review(annotation, claim if isinstance(claim, str) else "", reviewers)
            for annotation in row["annotations"]
        ),
    )


def claim_id(row: Mapping[str, Any]) -> str | None:
    """The claim that a task says it shows, None for a task that is not factcheck's."""
    for part in (row.get("data"), row.get("meta")):
        if isinstance(part, dict) and isinstance(part.get("claim_id"), str):
            return str(part["claim_id"])
    return None


def pushed_hash(row: Mapping[str, Any]) -> str | None:
    """The hash of what a task was pushed with, None for a task that is not factcheck's."""
    meta = row.get("meta")
    known = meta.get("content_hash") if isinstance(meta, dict) else None
    return known if isinstance(known, str) else None


def moment(value: str | datetime) -> datetime:
    """A time as the API prints it: ISO 8601 with `Z`, with or without a fraction."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _received_review(
    annotation: Mapping[str, Any], claim: str, reviewers: Mapping[int, str]
) -> ReceivedReview:
    user = annotation.get("completed_by")
    said = _storable(annotation.get("result") or [])
    skipped = bool(annotation.get("was_cancelled"))
    return ReceivedReview(
        annotation_id=int(annotation["id"]),
        reviewer=reviewers.get(user, f"user {user}") if isinstance(user, int) else "unknown",
        skipped=skipped,
        judgement=Judgement() if skipped else judgement(said, claim),
        ground_truth=bool(annotation.get("ground_truth")),
        created_at=moment(annotation["created_at"]),
        updated_at=moment(annotation["updated_at"]),
        said=said,
    )


def judgement(result: Sequence[Any], claim: str) -> Judgement:
    """What an annotation's `result` says of `claim`, or why that can't be counted."""
    try:
        answers = _answers(result)
    except (KeyError, TypeError, ValueError) as error:
        return Judgement(problem=Problem.MALFORMED, detail=f"not of the page's form: {error}")
    correction = "\n".join(answers["correction"]).strip() or None
    if correction and _same(correction, claim):
        correction = None  # the page offers the claim's own words to start from
    links, remarks = _links(answers["evidence"])
    said = Judgement(
        problem_words=tuple(dict.fromkeys(answers["problem"])),
        correction=correction,
        evidence=links,
        note="\n".join([*answers["note"], *remarks]).strip() or None,
    )
    return _judged(said, answers["verdict"], answers["reasons"], claim)


def result(judgement: Judgement, claim: str) -> list[dict[str, Any]]:
    """What the page would submit for `judgement`: the way back of `judgement()`.

    Raises ValueError for words at fault that are not in `claim`.
    """

    def answer(name: str, kind: str, value: dict[str, Any], to: str = "claim") -> dict[str, Any]:
        return {"from_name": name, "to_name": to, "type": kind, "value": value}

    verdict = NOT_CHECKABLE if judgement.not_checkable else judgement.verdict
    items = [answer("verdict", "choices", {"choices": [verdict]})] if verdict else []
    for words in judgement.problem_words:
        start = claim.index(words)
        value = {"start": start, "end": start + len(words), "text": words, "labels": [_AT_FAULT]}
        items.append(answer("problem", "labels", value))
    if judgement.reasons:
        items.append(answer("reasons", "choices", {"choices": list(judgement.reasons)}))
    texts = {
        "correction": [judgement.correction] if judgement.correction else [],
        "evidence": list(judgement.evidence),
        "note": [judgement.note] if judgement.note else [],
    }
    return items + [
        answer(name, "textarea", {"text": text}) for name, text in texts.items() if text
    ]


def _answers(result: Sequence[Any]) -> dict[str, list[str]]:
    """The values of each control of the page, in order."""
    kinds = {
        "verdict": "choices",
        "reasons": "choices",
        "correction": "text",
        "evidence": "text",
        "note": "text",
        "problem": "labels",
    }
    answers: dict[str, list[str]] = {name: [] for name in kinds}
    for item in result:
        name = item["from_name"]
        if name not in kinds:
            raise ValueError(f"no control is called {name!r}")
        if name == "problem":
            answers[name].append(str(item["value"]["text"]).strip())
            continue
        value = item["value"][kinds[name]]
        values = [value] if isinstance(value, str) else value
        if not all(isinstance(one, str) for one in values):
            raise ValueError(f"{name} is no text")
        answers[name].extend(values)
    return answers


def _judged(said: Judgement, verdicts: list[str], reasons: list[str], claim: str) -> Judgement:
    def aside(problem: Problem, detail: str | None = None) -> Judgement:
        return replace(said, problem=problem, detail=detail)

    if not verdicts:
        return aside(Problem.NO_VERDICT)
    if len(verdicts) > 1:
        return aside(Problem.SEVERAL_VERDICTS, ", ".join(verdicts))
    verdict = verdicts[0]
    if verdict != NOT_CHECKABLE and verdict not in set(Verdict):
        return aside(Problem.UNKNOWN_VERDICT, verdict)
    unknown = [reason for reason in reasons if reason not in set(Reason)]
    if unknown:
        return aside(Problem.UNKNOWN_REASON, ", ".join(unknown))
    astray = [words for words in said.problem_words if words not in claim]
    if astray:
        return aside(Problem.MALFORMED, f"marked words that are not in the claim: {astray[0]!r}")
    if verdict == NOT_CHECKABLE:
        return replace(said, not_checkable=True)
    said = replace(
        said,
        verdict=Verdict(verdict),
        reasons=tuple(sorted({Reason(reason) for reason in reasons}, key=list(Reason).index)),
    )
    if said.verdict is Verdict.OVERSTATED and not said.reasons:
        return replace(said, problem=Problem.NO_REASON)
    if said.verdict is Verdict.OVERSTATED and not said.correction:
        return replace(said, problem=Problem.NO_CORRECTION)
    if said.verdict is not Verdict.OVERSTATED and said.reasons:
        return replace(
            said, problem=Problem.CONTRADICTORY, detail=f"{verdict}, with reasons for overstated"
        )
    return said


def _links(evidence: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The web addresses in `evidence`, and the lines that hold other words as well."""
    links: list[str] = []
    remarks: list[str] = []
    for line in "\n".join(evidence).splitlines():
        found = re.findall(r"https?://[^\s;,<>\"]+[^\s;,<>\".)]", line)
        links += found
        if line.strip() and re.sub(r"[\s;,]+", "", line) != "".join(found):
            remarks.append(f"Evidence: {line.strip()}")
    return tuple(dict.fromkeys(links)), remarks


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())


def _storable(result: Any) -> Any:
    """`result` without NUL and lone surrogates, which PostgreSQL can't hold."""
    if isinstance(result, str):
        return result.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(result, list):
        return [_storable(item) for item in result]
    if isinstance(result, dict):
        return {_storable(key): _storable(value) for key, value in result.items()}
    return result
