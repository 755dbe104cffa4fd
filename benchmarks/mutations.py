"""The ways in which a module can be broken at one place ("mutants")."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

OPPOSITES: dict[type[Any], type[Any]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
}

Edit = Callable[[Any], Any]
"""Changes a node in place, or returns what takes its place."""


@dataclass(frozen=True)
class Mutant:
    module: str
    number: int
    """The place of the node in `ast.walk`."""
    line: int
    what: str
    edit: Edit

    @property
    def name(self) -> str:
        return f"{self.module}:{self.line} {self.what}"

    def tree(self) -> ast.Module:
        tree = ast.parse((ROOT / self.module).read_text("utf-8"))
        nodes = list(ast.walk(tree))
        node = nodes[self.number]
        new = self.edit(node)
        if new is not None:
            for parent in nodes:
                _replace(parent, node, new)
        return ast.fix_missing_locations(tree)


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            setattr(parent, name, [new if each is old else each for each in value])


def mutants(module: str) -> Iterator[Mutant]:
    tree = ast.parse((ROOT / module).read_text("utf-8"))
    passed_over = set(_annotations(tree))
    for number, node in enumerate(ast.walk(tree)):
        if node in passed_over:
            continue
        line = getattr(node, "lineno", 0)
        for what, edit in _edits(node):
            short = " ".join(ast.unparse(node).split())[:70]
            yield Mutant(module, number, line, f"`{short}`: {what}", edit)


def _annotations(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that say of what type something is, and do nothing."""
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if said := getattr(node, name, None):
                yield from ast.walk(said)


def _edits(node: ast.AST) -> Iterator[tuple[str, Edit]]:
    for kind, edits in EDITS.items():
        if isinstance(node, kind):
            yield from edits(node)


def _of_comparison(node: ast.Compare) -> Iterator[tuple[str, Edit]]:
    for place, operator in enumerate(node.ops):
        if opposite := OPPOSITES.get(type(operator)):
            yield f"{opposite.__name__}", _setter("ops", opposite, place)


def _of_operator(node: ast.BoolOp | ast.BinOp) -> Iterator[tuple[str, Edit]]:
    if opposite := OPPOSITES.get(type(node.op)):
        yield opposite.__name__, _setter("op", opposite)


def _of_not(node: ast.UnaryOp) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.op, ast.Not):
        yield "without not", lambda node: node.operand


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, Edit]]:
    if isinstance(node.value, bool):
        value = not node.value
        yield str(value), _constant(value)
    elif isinstance(node.value, int):
        more = node.value + 1
        yield str(more), _constant(more)


def _of_collection(node: Any) -> Iterator[tuple[str, Edit]]:
    for place in range(len(node.elts)):
        yield f"without item {place + 1}", _dropper("elts", place)


def _of_dict(node: ast.Dict) -> Iterator[tuple[str, Edit]]:
    for place in range(len(node.keys)):
        yield f"without item {place + 1}", _dropper("keys", place, "values")


def _of_condition(node: ast.If | ast.IfExp) -> Iterator[tuple[str, Edit]]:
    for value in (True, False):
        yield f"if {value}", _test_setter(value)


def _of_call(node: ast.Call) -> Iterator[tuple[str, Edit]]:
    if not isinstance(node.func, ast.Attribute):
        return
    ordered = node.func.attr == "order_by" and node.args
    if ordered or node.func.attr in ("current", "distinct", "none"):
        yield f"without .{node.func.attr}()", lambda node: node.func.value
    if node.func.attr in ("filter", "exclude"):
        yield f"without .{node.func.attr}(…)", lambda node: node.func.value
        if len(node.keywords) + len(node.args) > 1:
            for place in range(len(node.keywords)):
                yield f"without term {place + 1}", _dropper("keywords", place)


EDITS: dict[Any, Callable[[Any], Iterator[tuple[str, Edit]]]] = {
    ast.Compare: _of_comparison,
    (ast.BoolOp, ast.BinOp): _of_operator,
    ast.UnaryOp: _of_not,
    ast.Constant: _of_constant,
    (ast.Set, ast.List): _of_collection,
    ast.Dict: _of_dict,
    (ast.If, ast.IfExp): _of_condition,
    ast.Call: _of_call,
}


def _setter(name: str, kind: type[Any], place: int | None = None) -> Edit:
    def edit(node: Any) -> None:
        if place is None:
            setattr(node, name, kind())
        else:
            getattr(node, name)[place] = kind()

    return edit


def _dropper(name: str, place: int, *others: str) -> Edit:
    def edit(node: Any) -> Any:
        new = copy.copy(node)
        for each in (name, *others):
            values = list(getattr(node, each))
            del values[place]
            setattr(new, each, values)
        if isinstance(new, ast.Set) and not new.elts:
            return ast.Call(ast.Name("set", ast.Load()), [], [])
        return new

    return edit


def _constant(value: int) -> Edit:
    def edit(node: ast.Constant) -> None:
        node.value = value

    return edit


def _test_setter(value: bool) -> Edit:
    def edit(node: Any) -> None:
        node.test = ast.Constant(value)

    return edit
