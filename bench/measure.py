"""Processes: the mock that serves, and the programs that are measured against it."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# ru_maxrss is in KiB on Linux and in bytes on macOS.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
SHOWN_CHARACTERS = 4000


class Failed(Exception):
    """Something did not run, or did another job than it should."""


@dataclass(frozen=True)
class Figures:
    """What the system says about a process that has ended."""

    wall_seconds: float
    user_seconds: float
    system_seconds: float
    peak_bytes: int

    @property
    def cpu_seconds(self) -> float:
        return self.user_seconds + self.system_seconds


def run_timed(command: list[str], env: dict[str, str], logs: Path) -> tuple[Figures, str]:
    """Runs a command to its end; gives its figures and what it printed. Exit codes other than 0 are failures."""
    # What the program before has written must not be carried to the disk at the expense of this one.
    os.sync()
    out, err = logs / "stdout", logs / "stderr"
    # Files, not pipes: nobody has to wake up and empty them during the measurement.
    with out.open("wb") as stdout, err.open("wb") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    printed = out.read_text(errors="replace")
    if process.returncode != 0:
        raise Failed(
            f"{' '.join(command)}\nended with {process.returncode}; standard error:\n"
            f"{err.read_text(errors='replace')[-SHOWN_CHARACTERS:]}\nstandard output:\n{printed[-SHOWN_CHARACTERS:]}"
        )
    # Linux counts this program's own memory in until the command has taken its place: no peak is below some 16 MiB.
    return Figures(wall, usage.ru_utime, usage.ru_stime, usage.ru_maxrss * PEAK_UNIT), printed


@contextmanager
def serving(binary: str, arguments: list[str], logs: Path) -> Iterator[dict[str, str]]:
    """A mock in a process of its own while the block runs; gives the environment for its clients."""
    command = [binary, "mock", "--port", "0", *arguments]
    err = logs / "mock-stderr"
    with err.open("wb") as stderr:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True)
        assert process.stdout
        try:
            yield client_environment(process.stdout, err)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


def client_environment(printed: Iterable[str], err: Path) -> dict[str, str]:
    """Waits until the mock is ready, and takes the variables that it prints."""
    variables = {}
    for line in printed:
        if line.startswith("export LW_"):
            name, value = line.removeprefix("export ").strip().split("=", 1)
            variables[name] = value
        if line.startswith("# serving"):
            # A proxy of this machine has no business between two processes on it.
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("LW_")}
            return inherited | variables | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    raise Failed(f"the mock did not start:\n{err.read_text(errors='replace')[-SHOWN_CHARACTERS:]}")


def ask(command: list[str]) -> str:
    """What a short command prints; a failure where it does not run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failed(f"{command[0]} does not run: {error}") from error
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr}")
    return done.stdout.strip()


def machine() -> dict[str, str]:
    """What the figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": str(os.cpu_count()),
        "cpu": cpu_model(),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": platform.python_version(),
    }


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def end_cleanly_when_told() -> None:
    """A termination unwinds as Ctrl-C does, so that no mock is left behind."""

    def stop(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
