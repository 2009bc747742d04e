"""The rooms of the house: lines of each, who imports whom, and which imports are forbidden.

python -m tests.rooms       part of make lint; exit code 1 when a room imports one that comes later, or modules form a circle
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A room imports those before it. The store stands before ingestion, which writes into it; evaluation asks what the page asks,
# and the page shows what evaluation counts.
ROOMS = (
    "errors",
    "records",
    "config",
    "text",
    "vision",
    "models",
    "store",
    "ingest",
    "chains",
    "evaluation",
    "app",
    "data",
)
# The same within a room; modules that stand beside these put them together, and may import them all.
WITHIN = {
    "ingest": ("connectors", "parsers", "chunk"),
    "chains": ("query", "retrieval", "verification", "answering"),
}
APART = {("chains", "answering", "verification"), ("chains", "verification", "answering")}  # neither knows the other
ALLOWED = {"app": {"data"}}  # the page offers the sample questions

Imports = dict[str, set[str]]  # module -> modules of ours that it imports


def modules(root: Path) -> dict[str, Path]:
    """Return our modules by their dotted names."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[0] in ROOMS and "var" not in parts:
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports(found: Mapping[str, Path]) -> Imports:
    """Return which of the modules ``found`` each imports at run time; what is for the type checker alone is left out."""
    return {name: set(_imported(ast.parse(path.read_text(encoding="utf-8")), found)) for name, path in found.items()}


def _imported(tree: ast.Module, known: Mapping[str, Path]) -> Iterator[str]:
    for node in _at_run_time(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (
                name if name in known else node.module for name in inner if name in known or node.module in known
            )


def _at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _at_run_time(child)


def forbidden(found: Imports) -> list[str]:
    """Return the imports that go to a room which comes later, as sentences."""
    return [
        f"{module} imports {other}: {reason}"
        for module, others in sorted(found.items())
        for other in sorted(others)
        if (reason := _reason(module.split("."), other.split(".")))
    ]


def _reason(module: list[str], other: list[str]) -> str:
    room, later = module[0], other[0]
    if room != later:
        if ROOMS.index(later) > ROOMS.index(room) and later not in ALLOWED.get(room, ()):
            return f"{later} comes after {room}"
        return ""
    order = WITHIN.get(room, ())
    if len(module) > 2 and len(other) > 2 and module[1] in order and other[1] in order:
        if (room, module[1], other[1]) in APART:
            return f"{room}/{module[1]} and {room}/{other[1]} are put together by the pipeline alone"
        if order.index(other[1]) > order.index(module[1]):
            return f"{room}/{other[1]} comes after {room}/{module[1]}"
    if len(module) > 2 and module[1] in order and (len(other) == 2 and other[1] not in order):
        return "" if other[1] == "expand" else f"{room}/{other[1]} puts the rooms of {room} together"
    return ""


def circles(found: Imports) -> list[str]:
    """Return the modules that import each other, directly or by others, a sentence a circle (Tarjan 1972)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[str] = []

    def visit(module: str) -> None:
        numbers[module] = lowest[module] = len(numbers)
        stack.append(module)
        for other in sorted(found.get(module, ())):
            if other not in numbers:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in stack:
                lowest[module] = min(lowest[module], numbers[other])
        if lowest[module] == numbers[module]:
            circle = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(circle) > 1:
                circles.append(f"{', '.join(sorted(circle))} import each other")

    for module in sorted(found):
        if module not in numbers:
            visit(module)
    return circles


def _print_rooms(found: Mapping[str, Path], who: Imports) -> None:
    lines: dict[str, int] = defaultdict(int)
    between: dict[tuple[str, str], int] = defaultdict(int)
    for name, path in found.items():
        parts = name.split(".")
        count = len(path.read_text(encoding="utf-8").splitlines())
        lines[parts[0]] += count
        if parts[0] in WITHIN and len(parts) > 1 and (ROOT / parts[0] / parts[1]).is_dir():
            lines[f"{parts[0]}/{parts[1]}"] += count
        for other in who[name]:
            if other.split(".")[0] != parts[0]:
                between[parts[0], other.split(".")[0]] += 1
    for room in ROOMS:
        to = ", ".join(f"{other} {between[room, other]}" for other in ROOMS if between[room, other])
        print(f"{room:12} {lines[room]:6} lines   imports {to or 'nothing'}")
        for inner in sorted(name for name in lines if name.startswith(f"{room}/")):
            print(f"  {inner:20} {lines[inner]:6}")


def main() -> int:
    """Print the rooms and what is forbidden; return 1 when anything is."""
    found = modules(ROOT)
    who = imports(found)
    _print_rooms(found, who)
    problems = [*forbidden(who), *circles(who)]
    for problem in problems:
        print(f"Forbidden: {problem}", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
