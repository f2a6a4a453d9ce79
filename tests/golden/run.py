"""What `steinlab check` says of some 300 targets, drawn and chosen, without the words: a new structure changes none of it.

    python tests/golden/run.py            compare with answers.json, print every difference, exit 1 if there is one
    python tests/golden/run.py --write    write answers.json anew: for a change that is meant, and explained in its commit

Each target is asked in a process of its own. A line of answers.json is a target with its exit status and the decided part of its
JSON: values, bounds, evidence and verdicts; reasons are words, and may improve.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGETS, ANSWERS = HERE / "targets.json", HERE / "answers.json"
SECONDS = 300
"""Patience with one target, on a loaded machine too: what takes longer is not answered."""
REASONS = {"reason", "reasons", "kappa_reason", "rank_reason", "effective_dimension_reason"}
ECHOED = {"schema", "theorem", "link", "name", "noise"}
DERIVED = {"predictions", "advice"}
LEFT_OUT = REASONS | ECHOED | DERIVED
"""Keys of the report that hold words, repeat what was asked, or follow from the other facts."""


def decided(value: Any) -> Any:
    """A report without the keys that are left out."""
    if isinstance(value, dict):
        return {key: decided(part) for key, part in value.items() if key not in LEFT_OUT}
    return [decided(part) for part in value] if isinstance(value, list) else value


def answer(target: dict[str, Any]) -> dict[str, Any]:
    """The exit status and the decided part of the report on one target, or the refusal."""
    with tempfile.TemporaryDirectory() as folder:
        named = target["link"]
        if target["directions"] is not None:
            named = str(Path(folder) / "target.toml")
            rows = [[str(entry) for entry in row] for row in target["directions"]]
            Path(named).write_text(f"link = {json.dumps(target['link'])}\ndirections = {json.dumps(rows)}\n", encoding="utf-8")
        command = [sys.executable, "-m", "steinlab", "check", "--json", "--", named]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return {"status": None, "report": None}
    report = decided(json.loads(done.stdout)) if done.stdout else None
    return {"status": done.returncode, "report": report}


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """The places at which two answers differ, each on one line; what is new is no difference."""
    if isinstance(before, list) and isinstance(after, list):
        before, after = _by_id(before), _by_id(after)
    if isinstance(before, dict) and isinstance(after, dict):
        lines = [line for key in before if key in after for line in differences(before[key], after[key], f"{where}.{key}")]
        return lines + [f"{where}.{key}: gone" for key in before if key not in after]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [line for i, (a, b) in enumerate(zip(before, after, strict=True)) for line in differences(a, b, f"{where}[{i}]")]
    return [] if before == after else [f"{where}: {json.dumps(before)} -> {json.dumps(after)}"]


def _by_id(value: Any) -> Any:
    """A list of named things as a table, so that another one is seen as an addition."""
    named = isinstance(value, list) and all(isinstance(entry, dict) and "id" in entry for entry in value)
    return {entry["id"]: entry for entry in value} if named and value else value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write answers.json anew")
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    targets = json.loads(TARGETS.read_text(encoding="utf-8"))
    with ThreadPoolExecutor(arguments.workers) as pool:
        answers = []
        for i, found in enumerate(pool.map(answer, targets), 1):
            answers.append(found)
            if i % 20 == 0:
                print(f"{i} of {len(targets)}", file=sys.stderr)
    if arguments.write:
        lines = (
            json.dumps(target | found, ensure_ascii=False, separators=(",", ":"))
            for target, found in zip(targets, answers, strict=True)
        )
        ANSWERS.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
        return 0
    known = json.loads(ANSWERS.read_text(encoding="utf-8"))
    different = 0
    for old, new in zip(known, answers, strict=True):
        lines = differences({key: old[key] for key in new}, new)
        if lines:
            different += 1
            print(old["link"], "" if old["directions"] is None else old["directions"], *lines, sep="\n    ")
    print(f"{different} of {len(known)} targets differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
