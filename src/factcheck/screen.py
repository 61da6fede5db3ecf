"""What the commands print: data on standard output, everything else on standard error."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Task as ProgressTask
from rich.table import Table
from rich.text import Text

from factcheck.errors import FactcheckError
from factcheck.model import Claim, Kind, Status, Verdict

if TYPE_CHECKING:
    from factcheck.demo import DemoReport
    from factcheck.exports.export import ExportReport
    from factcheck.labelstudio.local import ServerState
    from factcheck.model import Decision
    from factcheck.review.agreement import Agreement, Figure
    from factcheck.review.ingest import IngestReport
    from factcheck.review.push import PushReport
    from factcheck.review.similar import Copy
    from factcheck.review.status import DeskStatus, Disputed
    from factcheck.review.sync import SyncReport
    from factcheck.store.queries import StoredArticle

# Where no terminal sets the width, none of a table's columns is to be cut.
_WIDE = None if sys.stdout.isatty() else 140
out = Console(highlight=False, markup=False, soft_wrap=True, width=_WIDE)
err = Console(highlight=False, markup=False, soft_wrap=True, stderr=True)

# So many claims that wait are listed; who has more wants them from JSON.
_LISTED = 10

STYLES: dict[str, str] = {
    Verdict.SUPPORTED: "green",
    Verdict.OVERSTATED: "yellow",
    Verdict.UNSUPPORTED: "red",
}


def say(message: str) -> None:
    """Something that a person should know, on standard error."""
    err.print(message)


def say_at(message: str) -> None:
    """Something that happened just now, on standard error."""
    err.print(f"{datetime.now(UTC).astimezone():%H:%M:%S}  {message}")


def complain(error: FactcheckError) -> None:
    """What happened, and what to do next."""
    err.print(Text("Error: ", style="bold red") + Text(error.message))
    if error.hint:
        err.print(Text("  " + error.hint, style="dim"))


def as_json(value: Any, *, one_line: bool = False) -> None:
    """A report as JSON on standard output, times in ISO 8601 UTC."""
    indent = None if one_line else 2
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=indent) + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """`value` in the types that JSON has."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, Path) else value


class _Rate(ProgressColumn):
    """How many a second, lately."""

    def render(self, task: ProgressTask) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


@contextlib.contextmanager
def progress(what: str, *, of_bytes: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error where that is a terminal, and nothing elsewhere."""
    if not err.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if of_bytes else MofNCompleteColumn(),
        TransferSpeedColumn() if of_bytes else _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def article_as_cut(stored: StoredArticle) -> None:
    """The article's text: claims numbered, everything else dimmed with the reason why.

    Below a claim stand its cues, with the words that gave them, and the number of its parts.
    """
    out.print(Text(stored.article.title, style="bold"))
    out.print(Text(f"{stored.article.source}  {stored.article.id}", style="dim"))
    numbered = iter(stored.claims)
    end = 0
    for piece in stored.pieces:
        if stored.article.text.count("\n", end, piece.span.start) > 1:
            out.print()
        end = piece.span.end
        words = " ".join(piece.span.of(stored.article.text).split())
        if piece.kind is Kind.CLAIM:
            claim = next(numbered)
            out.print(
                Text(f"{claim.position:>4}  ", style="bold cyan")
                + Text(f"{claim.id}  ", style="dim")
                + Text(words)
            )
            told = [
                f"{cue.kind.replace('_', ' ')}: {' '.join(cue.span.of(claim.text).split())}"
                for cue in claim.cues
            ]
            if len(claim.parts) > 1:
                told.append(f"{len(claim.parts)} parts")
            if told:
                out.print(Text(f"      {'; '.join(told)}", style="yellow"))
        else:
            out.print(Text(f"   ·  {words}  [{piece.kind}: {piece.reason}]", style="dim"))


def desk_status(status: DeskStatus) -> None:
    """A table by article with the sums below, then agreement and what waits."""
    if not status.articles:
        out.print("There is no article at the desk yet. First `factcheck ingest FOLDER`.")
        return
    rare = ("dropped", "stale")
    names = [
        str(name)
        for name in ("claims", "reviewed", *Verdict, "disputed", "dropped", "pending", "stale")
        if name not in rare or any(getattr(article, name) for article in status.articles)
    ]
    table = Table(box=None, pad_edge=False, show_footer=len(status.articles) > 1)
    table.add_column("article", footer="all", overflow="fold")
    for name in names:
        total = sum(getattr(article, name) for article in status.articles)
        style = STYLES.get(name)
        table.add_column(name, justify="right", footer=str(total), style=style, no_wrap=True)
    for article in status.articles:
        table.add_row(article.source, *(str(getattr(article, name)) for name in names))
    out.print(table)
    out.print()
    out.print(_agreement(status.agreement))
    if status.disputed:
        _disputed(status.disputed)
    if status.set_aside:
        out.print(
            f"{_count(status.set_aside, 'review')} set aside and not counted: "
            "`factcheck sync` lists them with links."
        )
    synced = f"{status.synced_at:%Y-%m-%d %H:%M} UTC" if status.synced_at else "never"
    out.print(f"{_count(status.tasks, 'task')} in Label Studio. Last sync: {synced}.")


def _disputed(claims: Sequence[Disputed]) -> None:
    """The claims that wait for a ruling, each with what its reviewers say."""
    out.print(f"\n{_count(len(claims), 'claim')} disputed, waiting for a ruling:")
    for claim in claims[:_LISTED]:
        votes = ", ".join(f"{who} {vote or 'not checkable'}" for who, vote in claim.votes.items())
        out.print(f"  {claim.claim_id}  {claim.source} {claim.position}: {votes}")
        out.print(Text(f"    {' '.join(claim.claim.split())}", style="dim"))
    if len(claims) > _LISTED:
        out.print(f"  and {len(claims) - _LISTED:,} more: `factcheck status --json` has them all.")
    out.print("Rule on one: `factcheck adjudicate ID VERDICT --note WHY --editor NAME`\n")


def _agreement(agreement: Agreement) -> str:
    figures = (
        ("Observed agreement", agreement.observed),
        ("Krippendorff's alpha", agreement.alpha),
        ("Gwet's AC1", agreement.ac1),
    )
    if all(figure.value is None for _, figure in figures):
        return f"Agreement is not computable: {agreement.observed.reason}."
    told = "; ".join(f"{name} {_figure(figure)}" for name, figure in figures)
    return f"{told}; on {_count(agreement.n_units, 'claim')} with two or more verdicts."


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return f"not computable: {figure.reason}"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.2f}"
    return f"{figure.value:.2f} (95% {figure.low:.2f} to {figure.high:.2f})"


def pieces(stored: StoredArticle) -> dict[str, Any]:
    """An article as it was cut, for JSON: spans are half-open, in code points of its text."""
    claims = {claim.span: claim for claim in stored.claims}
    return {
        "article_id": stored.article.id,
        "source": stored.article.source,
        "title": stored.article.title,
        "sha256": stored.article.sha256,
        "pieces": [
            {
                "start": piece.span.start,
                "end": piece.span.end,
                "kind": piece.kind,
                "reason": piece.reason,
                "text": piece.span.of(stored.article.text),
                "claim_id": claims[piece.span].id if piece.span in claims else None,
                "position": claims[piece.span].position if piece.span in claims else None,
                **(_pointed(claims[piece.span]) if piece.span in claims else {}),
            }
            for piece in stored.pieces
        ],
    }


def _pointed(claim: Claim) -> dict[str, Any]:
    start = claim.span.start
    return {
        "lead_in": claim.lead_in,
        "cues": [
            {
                "kind": cue.kind,
                "start": start + cue.span.start,
                "end": start + cue.span.end,
                "words": cue.span.of(claim.text),
            }
            for cue in claim.cues
        ],
        "parts": [{"start": start + part.start, "end": start + part.end} for part in claim.parts],
    }


_SIGNS = {"new": ("+", "green"), "retired": ("-", "red"), "again": ("~", "yellow")}


def ingested(report: IngestReport) -> None:
    """A line for each article that is new or changed, with its changes, then what was left out."""
    for article in report.articles:
        if article.outcome == "unchanged":
            continue
        told = [_count(article.claims, "claim")]
        if article.outcome == "changed":
            told.append(f"{article.new} new, {article.retired} retired")
        if article.again:
            told.append(f"{article.again} to be reviewed again, as what they lean on has changed")
        out.print(f"{article.outcome:<8} {article.source}  {', '.join([*told, *article.remarks])}")
        for change in article.changes:
            sign, style = _SIGNS[change.what]
            out.print(Text(f"  {sign} {' '.join(change.claim.split())}", style=style))
    if unlisted := report.added + report.changed + report.unchanged - len(report.articles):
        out.print(
            f"and {_count(unlisted, 'more article')}: in all {report.added} added, "
            f"{report.changed} changed, {_count(report.claims, 'claim')}"
        )
    if report.unchanged:
        out.print(f"unchanged: {_count(report.unchanged, 'article')}")
    for source in report.without_claims:
        err.print(
            f"{source}: no claim was found in it. "
            f"`factcheck claims {shlex.quote(source)}` shows how it was cut."
        )
    for refused in report.refused:
        complain(FactcheckError(refused.message, hint=refused.hint))
    if report.left_out:
        rest = "; the rest was read" if report.claims or report.unchanged else ""
        err.print(f"{_count(report.left_out, 'article')} left out{rest}.")


def similar(groups: Sequence[Sequence[Copy]]) -> None:
    """Groups of claims that are alike, each claim with its likeness, place and verdict."""
    if not groups:
        out.print("No two claims are alike.")
    for number, copies in enumerate(groups):
        if number:
            out.print()
        for copy in copies:
            said = f"{copy.verdict}, {copy.provenance}" if copy.verdict else ""
            standing = copy.status if copy.status != Status.DECIDED or not said else ""
            out.print(
                Text(f"{copy.score:.2f}  ", style="bold cyan")
                + Text(f"{copy.claim_id}  ", style="dim")
                + Text(" ".join(copy.claim.split()))
            )
            out.print(
                Text(f"      {copy.source}, claim {copy.position}: ", style="dim")
                + Text(", ".join(filter(None, (said, standing))))
            )


def pushed(report: PushReport, link: str | None) -> None:
    """What went before the reviewers, what was found or taken back, and where they work."""
    told = [
        (report.added, "{} put before the reviewers"),
        (report.found, "{} of an earlier push found on the server"),
        (report.doubled, "{} found twice, and the second removed"),
        (report.gone, "{} deleted in Label Studio, and put there again"),
        (report.replaced, "{} whose text was altered in Label Studio replaced"),
        (report.outdated, "{} replaced whose claim leans on other words now"),
        (report.removed, "{} without reviews taken back: the article has changed"),
        (report.kept, "{} of earlier claims kept, since they have reviews"),
        (report.foreign, "{} made by people in Label Studio, left alone"),
    ]
    for number, what in told:
        if number:
            out.print(what.format(_count(number, "task")) + ".")
    if report.page_updated:
        out.print("The labelling page was brought up to date.")
    if report.live == 0:
        out.print("There is no claim at the desk. First `factcheck ingest FOLDER`.")
    elif not any(number for number, _ in told):
        out.print(f"Nothing to do: {_count(report.live, 'claim')}, each with its task.")
    for problem in report.problems:
        err.print(problem)
    if link:
        out.print(f"The reviewers work at {link}")


def synced(report: SyncReport) -> None:
    """What the history gained, then all that needs a person."""
    out.print(f"Reviews: {_events(report) or 'nothing new'}. Decisions: {report.decisions} new.")
    if report.gone:
        out.print(
            f"{_count(report.gone, 'task')} deleted in Label Studio; the reviews are kept as "
            "tombstones. `factcheck push` puts the claims there again."
        )
    if report.foreign and report.as_pushed is None:
        out.print(f"{_count(report.foreign, 'task')} made by people in Label Studio, left alone.")
    if report.as_pushed is not None:
        _differences(report)
    if report.set_aside:
        err.print(f"{_count(len(report.set_aside), 'review')} set aside, not counted:")
        for aside in report.set_aside:
            detail = f" ({aside.detail})" if aside.detail else ""
            problem = aside.problem.replace("_", " ")
            err.print(f"  {aside.reviewer}: {problem}{detail}\n    mend it at {aside.link}")
    if report.contradicted:
        err.print(
            f"Reviewed differently since an editor's ruling: {', '.join(report.contradicted)}\n"
            "  The ruling stands; `factcheck adjudicate` makes a new one."
        )
    if report.stars_without_note:
        err.print("Starred as ground truth, but a ruling needs a note. Add one at")
        for link in report.stars_without_note:
            err.print(f"  {link}")


def synced_meanwhile(report: SyncReport) -> None:
    """A line for a round of a watch."""
    told = [
        _events(report),
        f"{_count(report.decisions, 'decision')} new" if report.decisions else "",
        f"{_count(report.gone, 'task')} deleted in Label Studio" if report.gone else "",
        f"{_count(report.foreign, 'task')} made by people" if report.foreign else "",
        "`factcheck sync` lists what needs a person" if report.has_findings else "",
    ]
    say_at("; ".join(filter(None, told)) or "as before")


def _events(report: SyncReport) -> str:
    events = ("created", "changed", "skipped", "unskipped", "deleted", "restored")
    return ", ".join(f"{getattr(report, n)} {n}" for n in events if getattr(report, n))


def _differences(report: SyncReport) -> None:
    """What a full sync found, kind by kind."""
    there = sum(one.link is not None for one in report.differences)
    out.print(
        f"Of {_count((report.as_pushed or 0) + there, 'task')} in Label Studio "
        f"{report.as_pushed:,} as pushed."
    )
    what = {
        "gone": "deleted in Label Studio",
        "altered": "whose text was altered in Label Studio",
        "doubled": "beside another one of the same claim",
        "orphaned": "that the desk does not know of, though it knows the claim",
        "foreign": "made by people",
    }
    for kind, told in what.items():
        found = [one for one in report.differences if one.kind == kind]
        if not found:
            continue
        err.print(f"{_count(len(found), 'task')} {told}:")
        for one in found[:_LISTED]:
            err.print(f"  {one.link or one.claim_id}\n    {one.remedy}")
        if len(found) > _LISTED:
            err.print(f"  and {len(found) - _LISTED:,} more: `--json` has them all.")


def ruled(claim_id: str, decision: Decision) -> None:
    """What a ruling comes to, and who has reviewed the claim differently since."""
    out.print(
        f"{claim_id}: {decision.status}"
        + (f", {decision.verdict}" if decision.verdict else "")
        + "."
    )
    if decision.contradicted_by:
        err.print(f"Reviewed differently since by {', '.join(decision.contradicted_by)}.")


def exported(report: ExportReport) -> None:
    """Where the files are, and which articles are not finished."""
    summaries = [name for name in report.files if name.endswith("summary.md")]
    for name in report.files:
        if name.endswith(".csv"):
            out.print(f"{report.folder / name}: {_count(report.rows, 'row')}")
    if summaries:
        where = report.folder / (summaries[0] if len(summaries) == 1 else "*/summary.md")
        what = "summary" if len(summaries) == 1 else "summaries"
        out.print(f"{where}: {len(summaries):,} correction {what}")
    if not report.unfinished:
        return
    how = "left out" if report.left_out else "taken in, and marked as incomplete"
    err.print(f"{_count(len(report.unfinished), 'article')} not finished, {how}:")
    for source, number in report.unfinished.items():
        err.print(f"  {source}: {_count(number, 'claim')} pending or disputed")
    if report.left_out:
        err.print(
            "`factcheck status` says what they wait for; "
            "`factcheck export --allow-incomplete` takes them in."
        )


def versions(now: str | None, newest: str) -> None:
    """Which version the database is at, and which this factcheck brings it to."""
    if now == newest:
        out.print(f"The database is at version {now}, the newest.")
    else:
        out.print(f"The database is at version {now or 'none'}, this factcheck's is {newest}.")


def server(state: ServerState) -> None:
    """Whether the local server runs, and how to log in."""
    if not state.running:
        out.print("Label Studio is not running. Start it with `factcheck server start`.")
        return
    login(str(state.url), str(state.email), str(state.password))


def login(url: str, email: str, password: str) -> None:
    """Where to log in, and with what."""
    out.print(f"{url}  log in as {email}, password {password}")


def demo(report: DemoReport) -> None:
    """The table, where to look and, if the server was left up, how to log in."""
    desk_status(report.status)
    out.print()
    out.print(f"Verdicts:  {report.exported.folder / 'verdicts.csv'}")
    for name in report.exported.files:
        if name.endswith("summary.md"):
            out.print(f"Summary:   {report.exported.folder / name}")
    if report.server is None:
        return
    out.print(f"\nLabel Studio is up at {report.project_link}")
    for reviewer in report.reviewers:
        out.print(f"  reviewer  {reviewer.email}  password {reviewer.password}")
    out.print(f"  editor    {report.server.email}  password {report.server.password}")
    out.print(
        "Review there, then run `factcheck sync` and `factcheck export --allow-incomplete`.\n"
        "`factcheck server stop` ends it."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
