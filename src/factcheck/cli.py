"""The command line: parse, one call, print.

Data goes to standard output, progress and messages to standard error. What the commands do
is imported when one of them runs, so that `--help` and completion answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from factcheck import errors
from factcheck.model import Order

if TYPE_CHECKING:
    from factcheck.desk import Desk

DONE, FINDINGS, USAGE, PARTLY, NOT_AUTHORISED, UNREACHABLE = range(6)
INTERRUPTED = 130  # as shells have it: 128 and the number of SIGINT

# The most particular class first: the first that fits gives the exit code.
EXIT_CODES: tuple[tuple[type[errors.FactcheckError], int], ...] = (
    (errors.NotAuthorisedError, NOT_AUTHORISED),
    (errors.UnreachableError, UNREACHABLE),
    (errors.UncertainError, PARTLY),
    (errors.ServerError, PARTLY),
    (errors.IncompleteError, FINDINGS),
    (errors.FactcheckError, USAGE),
)

app = typer.Typer(
    help="From health articles to checked claims and corrections that can be traced.",
    epilog="Exit codes: 0 done, 1 finished with findings, 2 usage or configuration, "
    "3 partly done, 4 not authorised, 5 server not reachable.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing the help in boxes takes longer than all the rest of it
    context_settings={"help_option_names": ["-h", "--help"]},
)
server_app = typer.Typer(
    help="A Label Studio of this desk's own, on this computer.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
db_app = typer.Typer(help="The desk's database.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(server_app, name="server")
app.add_typer(db_app, name="db")


def _rehearsing(context: typer.Context, wanted: bool) -> bool:
    def tell() -> None:
        from factcheck import screen

        screen.say("Nothing was changed (--dry-run).")

    if wanted:
        context.call_on_close(tell)
    return wanted


AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", callback=_rehearsing, help="Say what would change; change nothing."),
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the one place where errors become codes."""
    try:
        app(arguments, prog_name="factcheck", standalone_mode=True)
    except errors.FactcheckError as error:
        _complain(error)
        return next(code for kind, code in EXIT_CODES if isinstance(error, kind))
    except SystemExit as end:
        if end.code == INTERRUPTED:  # Typer has caught the KeyboardInterrupt, and says nothing
            _complain(
                errors.FactcheckError(
                    "Interrupted.", hint="Run it again: it goes on where it stopped."
                )
            )
        return end.code if isinstance(end.code, int) else DONE
    return DONE


def run() -> None:
    """The `factcheck` script."""
    sys.exit(main())


def _complain(error: errors.FactcheckError) -> None:
    from factcheck import screen

    screen.complain(error)


def _version(wanted: bool) -> None:
    if wanted:
        from factcheck import __version__

        typer.echo(f"factcheck {__version__}")
        raise typer.Exit


# the desk that a command works on


@app.callback()
def options(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Option(
            "--folder",
            "-C",
            envvar="FACTCHECK_FOLDER",
            help="The desk's folder, with factcheck.toml.",
            file_okay=False,
            exists=True,
        ),
    ] = Path(),
    database: Annotated[
        str | None, typer.Option(help="The database's address.", show_default=False)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """From health articles to checked claims and corrections that can be traced."""
    del version
    context.obj = {"folder": folder, "database": database}


def end_of(given: str) -> datetime:
    """The time that `given` names in ISO 8601; one without an offset is in UTC.

    A day means its end, and a second its end too: the exports show times in whole seconds.
    """
    try:
        return datetime.combine(date.fromisoformat(given), time.max, UTC)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise typer.BadParameter(
            f"{given} is no time. Say a day (2026-05-04) or a time (2026-05-04T09:30:00Z)."
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment if moment.microsecond else moment.replace(microsecond=999_999)).astimezone(UTC)


def _desk(context: typer.Context, **flags: Any) -> Desk:
    from factcheck.desk import open_desk

    return open_desk(context.obj["folder"], database=context.obj["database"], **flags)


# commands


@app.command()
def init(context: typer.Context) -> None:
    """Start a desk in this folder: write a commented factcheck.toml."""
    from factcheck import bundled, screen

    file: Path = context.obj["folder"] / "factcheck.toml"
    if file.exists():
        screen.say(f"{file} is there already and was left as it is.")
        return
    file.write_bytes(bundled.path("configs/factcheck.toml").read_bytes())
    screen.say(f"Wrote {file}. Next: `factcheck ingest FOLDER`, with a folder of articles.")


@app.command()
def ingest(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            help="A folder of articles, one article, a file of many (JSON Lines, WordPress's "
            "export), or - for standard input.",
            allow_dash=True,
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="What to call the article on standard input.")
    ] = None,
    as_english: Annotated[
        bool, typer.Option("--as-english", help="Cut what seems to be in another language, too.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read articles and cut them into claims.

    An article that was edited keeps the claims whose words did not change, with what was
    decided; those that lean on a sentence which did change are to be reviewed again.
    """
    from factcheck import screen
    from factcheck.review.ingest import ingest as take_in

    desk = _desk(context)
    with (
        desk.database(dry_run=dry_run) as database,
        database.lock("ingest"),
        screen.progress("Reading articles", of_bytes=True) as progress,
    ):
        report = take_in(
            database,
            sys.stdin.buffer if str(path) == "-" else path,
            desk.policy,
            desk.cutting(as_english=as_english),
            name=name,
            progress=progress,
        )
    if as_json:
        screen.as_json(report)
    else:
        screen.ingested(report)
    if report.left_out:
        raise typer.Exit(PARTLY)
    if report.without_claims:
        raise typer.Exit(FINDINGS)


@app.command()
def claims(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="Its source, its id, or a part of either.")],
    as_json: AsJson = False,
) -> None:
    """Show an article as it was cut into claims.

    Claims are numbered, with wording worth a second look below; the rest stands with the
    reason why it is none.
    """
    from factcheck import screen
    from factcheck.store.queries import find_article

    with _desk(context).database() as database, database.reading() as session:
        stored = find_article(session, article)
    if as_json:
        screen.as_json(screen.pieces(stored))
    else:
        screen.article_as_cut(stored)


@app.command()
def similar(
    context: typer.Context,
    article: Annotated[
        str | None,
        typer.Argument(
            help="An article's source, its id, or a part of either.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show claims that are nearly alike, and what was said of them.

    Such are copies in other articles, and claims whose words an edit changed.
    """
    from factcheck import screen
    from factcheck.review.similar import similar as alike

    with _desk(context).database() as database:
        groups = alike(database, article)
    if as_json:
        screen.as_json(groups)
    else:
        screen.similar(groups)


@app.command()
def push(
    context: typer.Context,
    order: Annotated[
        Order,
        typer.Option(help="Reviewers get the new claims as in the articles, or by their cues."),
    ] = Order.ARTICLE,
    new_project: Annotated[
        bool, typer.Option("--new-project", help="Leave the old project; put all into a new one.")
    ] = False,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Look at every task, and replace those whose text was altered in Label Studio.",
        ),
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put every claim before the reviewers in Label Studio, once.

    A push also mends what keeps a claim from having one task: it puts deleted tasks there
    again, takes back unreviewed ones of claims that are gone, and undoes unreviewed doubles.
    It never touches a reviewed task, nor one that people made.
    """
    from factcheck import screen
    from factcheck.review.push import push as put

    desk = _desk(context)
    with (
        desk.database() as database,
        database.lock("push"),
        desk.server() as server,
        screen.progress("Pushing claims") as progress,
    ):
        report = put(
            database,
            server,
            title=desk.settings.desk,
            labeling=desk.labeling,
            reviews_per_claim=desk.settings.reviews_per_claim,
            order=order,
            new_project=new_project,
            repair=repair,
            dry_run=dry_run,
            progress=progress,
        )
        shown = report.project_id is not None and not dry_run
        link = server.project_link(report.project_id or 0) if shown else None
    if as_json:
        screen.as_json(report)
    else:
        screen.pushed(report, link)
    if report.problems:
        raise typer.Exit(FINDINGS)


@app.command()
def sync(
    context: typer.Context,
    full: Annotated[
        bool,
        typer.Option("--full", help="Compare the whole project with the database, and report."),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, every 15 seconds, until Ctrl-C or SIGTERM.")
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Fetch submitted reviews from Label Studio, and decide.

    With --watch it waits while Label Studio does not answer, leaves the desk to other commands
    between its rounds, and tells of each round in which something happened. Told to stop, it
    finishes what it is writing and ends with exit code 0.
    """
    from factcheck import screen
    from factcheck.review.sync import sync as pull

    desk = _desk(context)
    if watch:
        if full or dry_run:
            raise errors.UsageError("--watch goes with neither --full nor --dry-run.")
        _watch(desk, as_json=as_json)
        return
    with (
        desk.database(dry_run=dry_run) as database,
        database.lock("sync"),
        desk.server() as server,
        screen.progress("Fetching reviews") as progress,
    ):
        report = pull(database, server, desk.policy, full=full, progress=progress)
    if as_json:
        screen.as_json(report)
    else:
        screen.synced(report)
    if report.has_findings:
        raise typer.Exit(FINDINGS)


def _watch(desk: Desk, *, as_json: bool) -> None:
    from factcheck import screen
    from factcheck.review.sync import SyncReport
    from factcheck.review.sync import sync as pull
    from factcheck.review.watch import stop_signals
    from factcheck.review.watch import watch as rounds
    from factcheck.store.engine import WATCH

    def tell(report: SyncReport) -> None:
        if as_json:
            screen.as_json(report, one_line=True)
        screen.synced_meanwhile(report)

    with stop_signals() as stopping:

        def once() -> SyncReport:
            with (
                desk.database() as database,
                database.lock(WATCH),
                desk.server() as server,
            ):
                return pull(database, server, desk.policy, stopping=stopping)

        screen.say("Watching Label Studio. Ctrl-C ends it.")
        rounds(once, stopping=stopping, tell=tell, say=screen.say_at)
    screen.say("Stopped.")


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show where every article stands, and what waits.

    Also how far the reviewers agree, and which claims need an editor's ruling.
    """
    from factcheck import screen
    from factcheck.review.status import status as standing

    with _desk(context).database() as database:
        report = standing(database)
    if as_json:
        screen.as_json(report)
    else:
        screen.desk_status(report)


@app.command()
def adjudicate(
    context: typer.Context,
    claim: Annotated[str, typer.Argument(help="The claim's id, or how it starts.")],
    verdict: Annotated[
        str, typer.Argument(help="supported, overstated, unsupported or not_checkable.")
    ],
    note: Annotated[str, typer.Option(help="What the ruling rests on. Needed.")],
    editor: Annotated[str, typer.Option(envvar="FACTCHECK_EDITOR", help="Who rules.")],
    correction: Annotated[str | None, typer.Option(help="How the claim should read.")] = None,
    evidence: Annotated[list[str] | None, typer.Option(help="A link; may be repeated.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Rule on a claim, over its reviews; no later sync changes that."""
    from factcheck import screen
    from factcheck.review.adjudicate import adjudicate as rule
    from factcheck.review.adjudicate import find_claim, verdict_of

    desk = _desk(context)
    with desk.database(dry_run=dry_run) as database, database.lock("adjudicate"):
        claim_id = find_claim(database, claim)
        decision = rule(
            database,
            desk.policy,
            claim_id,
            verdict_of(verdict),
            editor=editor,
            note=note,
            correction=correction,
            evidence=evidence or (),
        )
    if as_json:
        screen.as_json({"claim_id": claim_id, **screen.plain(decision)})
    else:
        screen.ruled(claim_id, decision)


@app.command()
def export(
    context: typer.Context,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Take unfinished articles in as well.")
    ] = False,
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="Write a second CSV for spreadsheets.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            parser=end_of,
            metavar="TIME",
            help="As the database stood then: a day, or 2026-05-04T09:30:00Z.",
            show_default=False,
        ),
    ] = None,
    exports: Annotated[
        Path | None, typer.Option(help="The folder to write to.", show_default=False)
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Write the verdict CSV and the correction summaries."""
    from factcheck import screen
    from factcheck.exports.export import export as write
    from factcheck.review.settle import settle_all
    from factcheck.review.status import checked_claims, last_cursor

    desk = _desk(context, exports=exports)
    with desk.database(dry_run=dry_run) as database:
        if as_of is None:
            with database.lock("export"):
                settle_all(database, desk.policy)
        report = write(
            checked_claims(database, as_of),
            desk.settings.exports,
            cursor=last_cursor(database, as_of),
            allow_incomplete=allow_incomplete,
            spreadsheet_safe=spreadsheet_safe,
            dry_run=dry_run,
        )
    if as_json:
        screen.as_json(report)
    else:
        screen.exported(report)
    if report.unfinished and report.left_out:
        raise typer.Exit(FINDINGS)


@app.command()
def demo(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Leave Label Studio running.")] = False,
    as_json: AsJson = False,
) -> None:
    """Walk the whole way on five articles of the demo.

    Starts a Label Studio of its own and reviews there as two people.
    """
    from factcheck import screen
    from factcheck.demo import demo as walk

    with screen.progress("Reviewing") as progress:
        report = walk(_desk(context), keep=keep, say=screen.say, progress=progress)
    if as_json:
        screen.as_json(report.status)
    else:
        screen.demo(report)


# the local server


@server_app.command("start")
def server_start(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="A port of your choice.", min=1)] = None,
    as_json: AsJson = False,
) -> None:
    """Start it, installing it first if need be."""
    from factcheck import screen

    state = _desk(context).local_server.start(screen.say, port=port)
    if as_json:
        screen.as_json({"url": state.url, "email": state.email, "pid": state.pid})
    else:
        screen.server(state)


@server_app.command("status")
def server_status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say whether it runs, where, and how to log in."""
    from factcheck import screen

    state = _desk(context).local_server.status()
    if as_json:
        screen.as_json({"running": state.running, "url": state.url, "pid": state.pid})
    else:
        screen.server(state)
    if not state.running:
        raise typer.Exit(FINDINGS)


@server_app.command("stop")
def server_stop(context: typer.Context) -> None:
    """Stop it; its data stays."""
    from factcheck import screen

    stopped = _desk(context).local_server.stop()
    screen.say("Label Studio has stopped." if stopped else "Label Studio was not running.")


@server_app.command("reviewer")
def server_reviewer(
    context: typer.Context,
    email: Annotated[str, typer.Argument(help="The reviewer's address.")],
    as_json: AsJson = False,
) -> None:
    """Make an account for a reviewer, and print how to log in."""
    from factcheck import screen

    local = _desk(context).local_server
    reviewer = local.add_reviewer(email)
    url = str(local.status().url)
    if as_json:
        screen.as_json({"url": url, "email": reviewer.email, "password": reviewer.password})
    else:
        screen.login(url, reviewer.email, reviewer.password)


# the database


@db_app.command("upgrade")
def db_upgrade(context: typer.Context) -> None:
    """Bring the database up to date; every other command does so too."""
    from factcheck import screen
    from factcheck.store.engine import current_revision

    with _desk(context).database() as database:
        screen.say(f"The database is at version {current_revision(database)}.")


@db_app.command("status")
def db_status(context: typer.Context, as_json: AsJson = False) -> None:
    """Say which version the database is at, without changing it."""
    from factcheck import screen
    from factcheck.store.engine import current_revision, open_database
    from factcheck.store.tables import HEAD

    desk = _desk(context)
    database = open_database(desk.settings.database, desk.folder, upgrade=False)
    try:
        now = current_revision(database)
    finally:
        database.close()
    if as_json:
        screen.as_json({"version": now, "newest": HEAD})
    else:
        screen.versions(now, HEAD)
