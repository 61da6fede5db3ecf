"""The benchmarks run; what they measure is not tested."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import ROOT, RunningLabelStudio

ROWS = (
    "first push / import_tasks",
    "first push / tasks.create",
    "push with nothing to do",
    "sync of 10 changed / full list",
    "sync of first reviews / full list",
    "sync with nothing new",
    "rows into SQLite",
    "memory",
    "whole process",
)


def test_the_benchmark_of_push_and_sync_fills_its_table(label_studio: RunningLabelStudio) -> None:
    command = [sys.executable, ROOT / "benchmarks/label_studio.py", "--claims", "40"]
    command += ["--rounds", "1", "--rest", "0", "--server", label_studio.server.folder]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    assert [row for row in ROWS if row not in ran.stdout] == []


@pytest.mark.slow
def test_the_benchmark_of_ingest_fills_its_table() -> None:
    command = [sys.executable, ROOT / "benchmarks/ingest.py", "--megabytes", "0.05", "0.1"]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    rows = ("articles", "MB/s", "quarters, MB: the command", "MB: a worker", "times the first")
    assert [row for row in rows if row not in ran.stdout] == []
