"""Work done besides: spread over processes, or ahead of what needs it; results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")

# Batches that are worked on here, since starting workers takes a second; and how many there
# are under way for each worker, so that none waits and memory stays flat.
_HERE = 2
_AHEAD = 3
# More workers than this would wait for who takes the results, and hold theirs meanwhile.
_MOST = 8


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """`items` as they are, each made in a thread while the one before it is worked on."""
    coming = iter(items)
    end = object()
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, coming, end)
        while (item := following.result()) is not end:
            following = thread.submit(next, coming, end)
            yield cast("Item", item)


def spread(
    work: Callable[[Sequence[Item]], list[Result]],
    batches: Iterable[Sequence[Item]],
    lost: Callable[[Item], Result],
) -> Iterator[list[Result]]:
    """What `work`, a function of a module's top level, makes of each batch, in order.

    It returns a result for each item. An item that takes its process down with it gives
    `lost(item)`, and the rest goes on.
    """
    coming = iter(batches)
    yield from map(work, islice(coming, _HERE))
    workers = min(os.cpu_count() or 1, _MOST)
    if workers == 1:
        yield from map(work, coming)
        return
    pool: ProcessPoolExecutor | None = None
    waiting: deque[tuple[Sequence[Item], Future[list[Result]]]] = deque()
    try:
        while True:
            for batch in islice(coming, workers * _AHEAD - len(waiting)):
                pool = pool or _pool(workers)
                waiting.append((batch, _submit(pool, work, batch)))
            if pool is None or not waiting:
                return
            batch, future = waiting.popleft()
            try:
                results = future.result()
            except BrokenProcessPool:
                results = _one_by_one(work, batch, lost)
                pool = _pool(workers)
                waiting = deque((rest, _submit(pool, work, rest)) for rest, _ in waiting)
            yield results
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)


def _one_by_one(
    work: Callable[[Sequence[Item]], list[Result]],
    batch: Sequence[Item],
    lost: Callable[[Item], Result],
) -> list[Result]:
    """The results of a batch that may hold the item that broke the pool."""
    results: list[Result] = []
    pool = _pool(1)
    for item in batch:
        try:
            results += _submit(pool, work, [item]).result()
        except BrokenProcessPool:
            results.append(lost(item))
            pool = _pool(1)
    pool.shutdown()
    return results


def _pool(workers: int) -> ProcessPoolExecutor:
    # Forked workers would share the database's connections and the progress bar's locks.
    return ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_settle_in
    )


def _settle_in() -> None:
    """Leave interrupts to the parent, and go when it is gone, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with_the_parent, daemon=True).start()


def _go_with_the_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)


def _submit(
    pool: ProcessPoolExecutor,
    work: Callable[[Sequence[Item]], list[Result]],
    batch: Sequence[Item],
) -> Future[list[Result]]:
    try:
        return pool.submit(work, batch)
    except BrokenProcessPool as error:
        failed: Future[list[Result]] = Future()
        failed.set_exception(error)
        return failed
