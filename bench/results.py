"""What was measured, and the figures that follow from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from measure import Figures

# What a run needs whatever the size; the peak beyond it is blamed on the memberships.
FIXED_PEAK = 30 * 2**20


@dataclass(frozen=True)
class Size:
    """How large an organization is, and how often each program runs on it unless told otherwise."""

    name: str
    users: int
    accounts: int
    memberships: int
    runs: int
    peer_runs: int

    @property
    def total(self) -> int:
        return self.users * self.memberships


@dataclass(frozen=True)
class SubjectRun:
    figures: Figures
    memberships: int
    grants: int
    stages: dict[str, float]


@dataclass(frozen=True)
class VerifyRun:
    figures: Figures


@dataclass(frozen=True)
class PeerRun:
    figures: Figures
    memberships: int
    grants: int


@dataclass(frozen=True)
class FloorRun:
    seconds: float
    rows: int
    fact_bytes: int
    grants: int


@dataclass(frozen=True)
class Turn:
    """One run of each program, one right after the other: only these are compared with each other."""

    subject: SubjectRun
    verify: VerifyRun | None
    peer: PeerRun | None
    floor: FloorRun | None

    @property
    def verify_against_export(self) -> float | None:
        return self.verify.figures.wall_seconds / self.subject.figures.wall_seconds if self.verify else None

    @property
    def against_peer(self) -> float | None:
        return self.subject.figures.wall_seconds / self.peer.figures.wall_seconds if self.peer else None

    @property
    def against_floor(self) -> float | None:
        stage = self.subject.stages.get("sqlite")
        return stage / self.floor.seconds if self.floor and stage is not None else None


def median_of(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


@dataclass
class CaseResult:
    """All turns of one size and shape; figures are medians over them, and nothing where nothing was measured."""

    size: Size
    shape: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.size.name} {self.shape}"

    def subject(self, figure: Callable[[Figures], float]) -> float:
        return median(figure(turn.subject.figures) for turn in self.turns)

    def peer(self, figure: Callable[[Figures], float]) -> float | None:
        return median_of([figure(turn.peer.figures) for turn in self.turns if turn.peer])

    @property
    def wall_seconds(self) -> float:
        return self.subject(lambda figures: figures.wall_seconds)

    @property
    def memberships_a_second(self) -> float:
        return median(turn.subject.memberships / turn.subject.figures.wall_seconds for turn in self.turns)

    @property
    def grants_a_second(self) -> float:
        return median(turn.subject.grants / turn.subject.figures.wall_seconds for turn in self.turns)

    @property
    def peak_bytes_a_membership(self) -> float:
        return self.subject(lambda figures: max(figures.peak_bytes - FIXED_PEAK, 0) / self.size.total)

    @property
    def bytes_a_grant(self) -> float | None:
        return median_of([turn.floor.fact_bytes / turn.floor.grants for turn in self.turns if turn.floor])

    @property
    def against_peer(self) -> float | None:
        return median_of([turn.against_peer for turn in self.turns])

    @property
    def against_floor(self) -> float | None:
        return median_of([turn.against_floor for turn in self.turns])

    def verify(self, figure: Callable[[Figures], float]) -> float | None:
        return median_of([figure(turn.verify.figures) for turn in self.turns if turn.verify])

    @property
    def verify_against_export(self) -> float | None:
        return median_of([turn.verify_against_export for turn in self.turns])

    @property
    def stages(self) -> dict[str, float]:
        """The stages in the order in which they began."""
        names = dict.fromkeys(name for turn in self.turns for name in turn.subject.stages)
        return {name: median(turn.subject.stages.get(name, 0.0) for turn in self.turns) for name in names}


@dataclass(frozen=True)
class LatencyResult:
    """How long a fan-out takes where every answer is held back."""

    expected_seconds: float
    wall_seconds: list[float]

    @property
    def wall(self) -> float:
        return median(self.wall_seconds)

    @property
    def ratio(self) -> float:
        return self.wall / self.expected_seconds


@dataclass
class Results:
    machine: dict[str, str]
    cases: list[CaseResult] = field(default_factory=list)
    latency: LatencyResult | None = None
