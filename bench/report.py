"""The results as Markdown. It judges nothing: the bars are printed beside what was measured."""

from collections.abc import Callable
from dataclasses import asdict

from results import CaseResult, LatencyResult, Results

MIB = 2**20


def number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Text to the left in the first column, numbers to the right in all others."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return [f"| {' | '.join(line)} |" for line in lines]


def markdown(results: Results) -> str:
    parts = [
        [machine_line(results)],
        command_table(results.cases),
        stage_table(results.cases),
        verify_table(results.cases),
        peer_table(results.cases),
        [latency_line(results.latency)],
        bar_table(results),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def machine_line(results: Results) -> str:
    machine = results.machine
    line = (
        f"{machine['cores']} cores of {machine['cpu']}, {machine['memory']}, {machine['kernel']}, "
        f"Python {machine['python']}; {machine['lacegraph']}"
    )
    return f"{line}; peer: {machine['peer']}" if "peer" in machine else line


def command_table(cases: list[CaseResult]) -> list[str]:
    header = [
        "lacegraph", "runs", "wall s", "CPU s", "peak MiB", "memberships/s", "grants/s",
        "peak bytes a membership beyond 30 MiB", "bytes a grant", "wall to peer", "sqlite stage to floor",
    ]
    rows = [
        [
            case.name,
            str(len(case.turns)),
            number(case.wall_seconds, 3),
            number(case.subject(lambda figures: figures.cpu_seconds), 3),
            number(case.subject(lambda figures: figures.peak_bytes / MIB)),
            number(case.memberships_a_second),
            number(case.grants_a_second),
            number(case.peak_bytes_a_membership),
            number(case.bytes_a_grant, 1),
            number(case.against_peer, 3),
            number(case.against_floor, 2),
        ]
        for case in cases
    ]
    return table(header, rows) if rows else []


def stage_table(cases: list[CaseResult]) -> list[str]:
    stages = list(dict.fromkeys(stage for case in cases for stage in case.stages))
    if not stages:
        return []
    return table(["stage, s (they overlap)", *stages], [stage_row(case, stages) for case in cases])


def stage_row(case: CaseResult, stages: list[str]) -> list[str]:
    seconds = case.stages
    slowest = max(seconds, key=seconds.__getitem__, default=None)
    cells = {stage: number(seconds.get(stage), 3) for stage in stages}
    return [case.name, *[f"**{cell}**" if stage == slowest else cell for stage, cell in cells.items()]]


def verify_table(cases: list[CaseResult]) -> list[str]:
    rows = [
        [
            case.name,
            number(case.verify(lambda figures: figures.wall_seconds), 3),
            number(case.verify(lambda figures: figures.cpu_seconds), 3),
            number(case.verify(lambda figures: figures.peak_bytes / MIB)),
            number(case.verify_against_export, 2),
        ]
        for case in cases
        if case.verify_against_export is not None
    ]
    return table(["lacegraph verify", "wall s", "CPU s", "peak MiB", "wall to export"], rows) if rows else []


def peer_table(cases: list[CaseResult]) -> list[str]:
    rows = [
        [
            case.name,
            str(sum(turn.peer is not None for turn in case.turns)),
            number(case.peer(lambda figures: figures.wall_seconds), 3),
            number(case.peer(lambda figures: figures.cpu_seconds), 3),
            number(case.peer(lambda figures: figures.peak_bytes / MIB)),
        ]
        for case in cases
    ]
    return table(["peer", "runs", "wall s", "CPU s", "peak MiB"], rows) if rows else []


def latency_line(latency: LatencyResult | None) -> str:
    if latency is None:
        return "Latency: -"
    return (
        f"Latency: {latency.wall * 1000:,.0f} ms where {latency.expected_seconds * 1000:,.0f} ms are expected, "
        f"ratio {latency.ratio:.2f} ({len(latency.wall_seconds)} runs)"
    )


BAR_HEADER = ["figure", "measured", "first", "then"]


def bars(results: Results) -> list[tuple[str, str, str, str]]:
    """The bars of the project: figure, measured, first bar, then."""
    cases = {(case.size.name, case.shape): case for case in results.cases}
    shapes = list(dict.fromkeys(case.shape for case in results.cases))
    found = []

    def add(what: str, size: str, first: str, then: str, digits: int, figure: Callable[[CaseResult], float | None]):
        for shape in shapes:
            case = cases.get((size, shape))
            found.append((f"{size} {shape}: {what}", number(figure(case) if case else None, digits), first, then))

    def against_m(large: CaseResult) -> float | None:
        medium = cases.get(("M", large.shape))
        return large.memberships_a_second / medium.memberships_a_second if medium else None

    add("memberships/s, at least", "M", "120,000", "200,000", 0, lambda case: case.memberships_a_second)
    add("memberships/s against M, at least", "L", "-", "0.85", 2, against_m)
    add("peak bytes a membership beyond 30 MiB, at most", "M", "300", "180", 0,
        lambda case: case.peak_bytes_a_membership)
    add("wall to peer, at most", "M", "0.33", "0.20", 3, lambda case: case.against_peer)
    add("sqlite stage to floor, at most", "M", "1.5", "1.2", 2, lambda case: case.against_floor)
    add("bytes a grant, at most", "M", "30", "28", 1, lambda case: case.bytes_a_grant)
    add("verify to export, at most", "M", "1", "1", 2, lambda case: case.verify_against_export)
    add("whole command, ms, at most", "S", "100", "40", 0, lambda case: case.wall_seconds * 1000)
    latency = results.latency.ratio if results.latency else None
    found.append(("latency: wall to expected, at most", number(latency, 2), "1.25", "1.1"))
    return found


def bar_table(results: Results) -> list[str]:
    return table(BAR_HEADER, [list(bar) for bar in bars(results)])


def as_json(results: Results) -> dict[str, object]:
    """Every single run, and the bars."""
    return asdict(results) | {"bars": [dict(zip(BAR_HEADER, bar, strict=True)) for bar in bars(results)]}
