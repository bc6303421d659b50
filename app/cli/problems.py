"""Every problem the code can answer with, read from the source: its code, its status, its words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.embedded.fleet import ROOT

APART = ("cli", "embedded", "backends/testing", "core/config")
GAP = re.compile(r"%\((\w+)\)[\d.]*[sdf]")
KEYED = "Once"  # gives its caller's code to a key that was used for another request
KEYED_WORDS = "This Idempotency-Key was used for another request. Choose a new key for a new request."


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """One problem; gaps in the words are named in braces."""

    code: str
    status: int
    words: str


def problems() -> list[Told]:
    """Return every problem by code; of several sentences for one code and status the first."""
    trees = [ast.parse(path.read_text()) for path in _sources()]
    statuses = _statuses(trees)
    found: dict[tuple[str, int], Told] = {}
    for tree in trees:
        for told in _of(tree, statuses):
            found.setdefault((told.code, told.status), told)
    return sorted(found.values())


def _sources() -> Iterator[Path]:
    app = ROOT / "app"
    for path in sorted(app.rglob("*.py")):
        if not path.relative_to(app).as_posix().startswith(APART):
            yield path


def _statuses(trees: list[ast.Module]) -> dict[str, int]:
    """Return the HTTP status of each class of errors; one without its own has its family's."""
    classes = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}

    def status(name: str) -> int:
        if name not in classes:
            return 0
        own = [_own_status(line) for line in classes[name].body]
        families = [status(base.id) for base in classes[name].bases if isinstance(base, ast.Name)]
        return next(filter(None, [*own, *families]), 0)

    return {name: found for name in classes if (found := status(name))}


def _own_status(line: ast.stmt) -> int:
    """Return what ``status: ClassVar[int] = 404`` or ``status = 404`` says; 0 for any other line."""
    match line:
        case ast.AnnAssign(target=ast.Name(id="status"), value=ast.Constant(value=int(number))):
            return number
        case ast.Assign(targets=[ast.Name(id="status")], value=ast.Constant(value=int(number))):
            return number
    return 0


def _of(tree: ast.Module, statuses: dict[str, int]) -> Iterator[Told]:
    """Yield the problems a module makes, with the words beside them or last assigned before them."""
    assigned = sorted(
        (node.lineno, target.id, words)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (words := _words(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    )
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(code)), *rest]) if name in statuses:
                words = next(filter(None, map(_words, rest)), "")
                names = {each.id for more in rest for each in ast.walk(more) if isinstance(each, ast.Name)}
                before = [said for line, target, said in assigned if line <= node.lineno and target in names]
                yield Told(code, statuses[name], GAP.sub(r"{\1}", words or (before[-1] if before else "")))
            case ast.Call(func=ast.Name(id=name), keywords=[*keywords]) if name == KEYED:
                for keyword in keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield Told(str(keyword.value.value), statuses["Invalid"], KEYED_WORDS)


def _words(expression: ast.expr) -> str:
    """Return the first translated sentence of an expression, in English."""
    for node in ast.walk(expression):
        match node:
            case ast.Call(
                func=ast.Name(id="_" | "gettext" | "ngettext"), args=[ast.Constant(value=str(words)), *_rest]
            ):
                return words
    return ""
