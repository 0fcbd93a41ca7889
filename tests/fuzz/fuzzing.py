"""Coverage-guided fuzzing of every target: `make fuzz ARGS=seconds`.

Each target runs in a process of its own for its share of the time, beginning with its seeds. An input that
raises, takes more than ten seconds or more than three gigabytes ends it, is kept, and is told with how to repeat it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "fuzz"
SECONDS = 120
_LEAST_S = 5
_SHOWN = 4_000
_INSTRUMENTED = ["streams", "encoders", "fuzz.targets", "PIL", "yarl"]
_LIMITS = ["-timeout=10", "-rss_limit_mb=3072", "-max_len=65536", "-print_final_stats=1"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="make fuzz", description="Fuzz what strangers' bytes reach.")
    parser.add_argument("seconds", type=int, nargs="?", default=SECONDS, help="in all (%(default)s)")
    parser.add_argument("--target", help="this one only")
    parser.add_argument("--input", type=Path, help="run the target on this file once")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if find_spec("atheris") is None:
        sys.exit("fuzz: atheris is not installed, the extra 'fuzz' wanted; run: make fuzz")
    if arguments.child or arguments.input:
        _fuzz(arguments.target, arguments.seconds, arguments.input)
    else:
        sys.exit(_fuzz_each(arguments.seconds, arguments.target))


def _fuzz_each(seconds: int, target: str | None) -> int:
    """Fuzz one target after the other; 1 if anything was found."""
    from fuzz.seeds import SEEDS  # noqa: PLC0415 - a child imports nothing before it is instrumented

    names = [target] if target else list(SEEDS)
    each = max(_LEAST_S, seconds // len(names))
    found = [name for name in names if not _held(name, each)]
    print(f"fuzzed {len(names)} targets for {each} s each: {', '.join(found) or 'nothing'} found")
    return int(bool(found))


def _held(name: str, seconds: int) -> bool:
    command = [sys.executable, __file__, str(seconds), "--child", "--target", name]
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd=ROOT)
    words = ended.stdout.decode("utf-8", "replace")
    runs = next((line.split()[-1] for line in words.splitlines() if "number_of_executed_units" in line), "no")
    print(f"{name}: {runs} runs, {'nothing found' if ended.returncode == 0 else 'FOUND'}", flush=True)
    if ended.returncode:
        kept = sorted((FOLDER / name).glob("found-*"), key=lambda file: file.stat().st_mtime)
        at = words.find("Uncaught Python exception")
        print(words[at : at + _SHOWN] if at >= 0 else words[-_SHOWN:])
        print(f"repeat it: {sys.executable} {__file__} --target {name} --input {kept[-1] if kept else '...'}")
    return ended.returncode == 0


def _fuzz(name: str, seconds: int, only: Path | None) -> None:
    import atheris  # noqa: PLC0415 - an extra of its own

    with atheris.instrument_imports(include=_INSTRUMENTED, enable_loader_override=False):
        from fuzz.seeds import SEEDS  # noqa: PLC0415 - imported here to be instrumented
        from fuzz.targets import TARGETS  # noqa: PLC0415
    corpus = FOLDER / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number}").write_bytes(data)
    what = [str(only)] if only else [f"-max_total_time={seconds}", str(corpus)]
    atheris.Setup([__file__, *_LIMITS, f"-artifact_prefix={FOLDER / name / 'found-'}", *what], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    main()
