#!/usr/bin/env python3
"""Measures `lacegraph export` against its own mock, a plain script and the database's floor. See README.md beside it.

It judges nothing: it fails only where something did not run or gave wrong counts.
"""

import argparse
import json
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from measure import Failed, ask, end_cleanly_when_told, machine, run_timed, serving
from report import as_json, markdown
from results import CaseResult, FloorRun, LatencyResult, PeerRun, Results, Size, SubjectRun, Turn, VerifyRun

HERE = Path(__file__).resolve().parent
SIZES = {
    size.name: size
    for size in [
        Size("S", users=1_000, accounts=20, memberships=5, runs=5, peer_runs=5),
        Size("M", users=100_000, accounts=100, memberships=8, runs=3, peer_runs=1),
        Size("L", users=1_000_000, accounts=100, memberships=8, runs=1, peer_runs=1),
    ]
}
SHAPES = {"nested": ["--shape", "nested"], "flat": ["--shape", "flat", "--no-org-list"]}

LATENCY_SIZE = Size("latency", users=1_000, accounts=100, memberships=5, runs=5, peer_runs=0)
LATENCY_SECONDS = 0.05
# lacegraph's own default.
CONCURRENCY = 8
# A token, the directory, the organization's list; that the client asks for a refused one twice shows in the ratio.
CALLS_BEFORE_FAN_OUT = 3


@dataclass(frozen=True)
class Programs:
    """What is measured, and where it may write."""

    subject: str
    peer_python: str | None
    floor: str | None
    with_timings: bool
    with_verify: bool
    work: Path

    @property
    def run(self) -> Path:
        return self.work / "run"

    def clear(self) -> None:
        """Takes away what the last turn wrote, so that nobody's time is spent on it."""
        shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.work / "peer", ignore_errors=True)
        for leftover in self.work.glob("floor.db*"):
            leftover.unlink()


def serve_arguments(size: Size, shape: str) -> list[str]:
    return [
        *("--users", str(size.users), "--accounts", str(size.accounts), "--memberships", str(size.memberships)),
        *SHAPES[shape],
    ]


def run_subject(programs: Programs, env: dict[str, str], size: Size) -> SubjectRun:
    programs.clear()
    command = [programs.subject, "export", "--env", "--out", str(programs.run), "--format", "sqlite,csv,dot", "--json"]
    figures, printed = run_timed(command + ["--timings"] * programs.with_timings, env, programs.work)
    summary = json.loads(printed)
    if summary["status"] != "complete":
        raise Failed(f"the run is {summary['status']}, not complete:\n{json.dumps(summary['problems'], indent=2)}")
    if summary["memberships"] != size.total:
        raise Failed(f"lacegraph found {summary['memberships']} memberships; the mock serves {size.total}")
    stages = {timing["stage"]: timing["seconds"] for timing in summary.get("timings") or []}
    return SubjectRun(figures, summary["memberships"], summary["grants"], stages)


def run_verify(programs: Programs, env: dict[str, str]) -> VerifyRun:
    figures, printed = run_timed([programs.subject, "verify", str(programs.run), "--json"], env, programs.work)
    if (verdict := json.loads(printed)["verdict"]) != "consistent":
        raise Failed(f"the run that was just written is {verdict}:\n{printed}")
    return VerifyRun(figures)


def run_peer(python: str, programs: Programs, env: dict[str, str], subject: SubjectRun) -> PeerRun:
    command = [python, str(HERE / "peer.py"), str(programs.work / "peer")]
    figures, printed = run_timed(command, env, programs.work)
    counts = json.loads(printed)
    peer = PeerRun(figures, counts["memberships"], counts["grants"])
    if (peer.memberships, peer.grants) != (subject.memberships, subject.grants):
        raise Failed(
            f"the peer did another job: {peer.memberships} memberships and {peer.grants} grants, "
            f"where lacegraph has {subject.memberships} and {subject.grants}"
        )
    return peer


def run_floor(floor: str, programs: Programs, env: dict[str, str], subject: SubjectRun) -> FloorRun:
    command = [floor, str(programs.run / "lacegraph.db"), str(programs.work / "floor.db")]
    _, printed = run_timed(command, env, programs.work)
    told = json.loads(printed)
    run = FloorRun(told["seconds"], told["rows"], told["fact_bytes"], told["grants"])
    if run.grants != subject.grants:
        raise Failed(f"the floor wrote {run.grants} grants, where lacegraph has {subject.grants}")
    return run


def measure_case(programs: Programs, size: Size, shape: str, runs: int, peer_runs: int) -> CaseResult:
    result = CaseResult(size, shape)
    say(f"{result.name}: starting the mock")
    with serving(programs.subject, serve_arguments(size, shape), programs.work) as env:
        # In turn, so that a machine that drifts hits all alike.
        for turn in range(runs):
            say(f"{result.name}: run {turn + 1} of {runs}")
            subject = run_subject(programs, env, size)
            verify = run_verify(programs, env) if programs.with_verify else None
            python = programs.peer_python if turn < peer_runs else None
            peer = run_peer(python, programs, env, subject) if python else None
            floor = run_floor(programs.floor, programs, env, subject) if programs.floor else None
            result.turns.append(Turn(subject, verify, peer, floor))
    return result


def measure_latency(programs: Programs, runs: int) -> LatencyResult:
    say("latency: starting the mock")
    size = LATENCY_SIZE
    # Elsewhere, so that the last run of a size stays there to be looked at.
    programs = replace(programs, work=programs.work / "latency")
    programs.work.mkdir(exist_ok=True)
    arguments = [*serve_arguments(size, "flat"), "--latency-ms", str(round(LATENCY_SECONDS * 1000))]
    with serving(programs.subject, arguments, programs.work) as env:
        walls = [run_subject(programs, env, size).figures.wall_seconds for _ in range(runs)]
    calls = CALLS_BEFORE_FAN_OUT + math.ceil(size.accounts / CONCURRENCY)
    return LatencyResult(calls * LATENCY_SECONDS, walls)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def chosen(known: Iterable[str], what: str) -> Callable[[str], list[str]]:
    """A type for argparse: a list with commas of names that are known."""

    def parse(text: str) -> list[str]:
        names = [name.strip() for name in text.split(",") if name.strip()]
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"no {what} {', '.join(unknown)}; there are {', '.join(known)}")
        return names

    return parse


def at_least_one(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def parse_arguments() -> argparse.Namespace:
    default_bin = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "release" / "lacegraph"
    sizes, shapes = chosen(SIZES, "size"), chosen(SHAPES, "shape")
    parser = argparse.ArgumentParser(description="Measures lacegraph export; bench/README.md says how to read it.")
    parser.add_argument("--bin", default=os.environ.get("LACEGRAPH_BIN", str(default_bin)), help="lacegraph to measure")
    parser.add_argument("--floor", help="the program that inserts the rows of a run again, and nothing else")
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has bench/requirements.txt")
    parser.add_argument("--sizes", type=sizes, default=["S", "M"], help="of S, M and L [default: S,M]")
    parser.add_argument("--shapes", type=shapes, default=list(SHAPES), help="of nested and flat [default: both]")
    parser.add_argument("--runs", type=at_least_one, help="runs of each size [default: 5 at S, 3 at M, 1 at L]")
    parser.add_argument("--peer-sizes", type=sizes, default=["S", "M"], help="where the peer runs too [default: S,M]")
    parser.add_argument("--peer-runs", type=at_least_one, help="runs of the peer at most [default: 5 at S, else 1]")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--no-floor", action="store_true")
    parser.add_argument("--no-latency", action="store_true")
    parser.add_argument("--no-timings", action="store_true", help="for a lacegraph that knows no --timings")
    parser.add_argument("--no-verify", action="store_true", help="for a lacegraph that knows no verify")
    parser.add_argument("--work", type=Path, help="where to write; files stay there [default: temporary]")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single run to FILE")
    return parser.parse_args()


def measure(arguments: argparse.Namespace, work: Path) -> Results:
    results = Results(machine() | {"lacegraph": ask([arguments.bin, "--version"])})
    has_peer = not arguments.no_peer and set(arguments.sizes) & set(arguments.peer_sizes)
    if has_peer:
        # Asked first: nobody wants to hear after ten minutes that a library is missing.
        report = "import platform as p, requests as r, networkx as n; " \
            "print(f'Python {p.python_version()}, requests {r.__version__}, networkx {n.__version__}')"
        results.machine["peer"] = ask([arguments.peer_python, "-c", report])
    floor = None if arguments.no_floor else arguments.floor
    if floor and not Path(floor).exists():
        say(f"there is no {floor}: nothing is compared with the floor")
        floor = None
    programs = Programs(
        arguments.bin,
        arguments.peer_python if has_peer else None,
        floor,
        not arguments.no_timings,
        not arguments.no_verify,
        work,
    )
    for name in arguments.sizes:
        size = SIZES[name]
        runs = arguments.runs or size.runs
        peer_runs = (arguments.peer_runs or size.peer_runs) if name in arguments.peer_sizes else 0
        results.cases += [measure_case(programs, size, shape, runs, peer_runs) for shape in arguments.shapes]
    if not arguments.no_latency:
        results.latency = measure_latency(programs, arguments.runs or LATENCY_SIZE.runs)
    return results


def main() -> int:
    arguments = parse_arguments()
    end_cleanly_when_told()
    try:
        if arguments.work:
            arguments.work.mkdir(parents=True, exist_ok=True)
            results = measure(arguments, arguments.work)
        else:
            with tempfile.TemporaryDirectory(prefix="lacegraph-bench-") as work:
                results = measure(arguments, Path(work))
    except Failed as failure:
        say(f"bench: {failure}")
        return 1
    except KeyboardInterrupt:
        say("bench: interrupted")
        return 130
    print(markdown(results), end="")
    if arguments.json:
        arguments.json.write_text(json.dumps(as_json(results), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
