"""Reads the source of the editor for the texts that people see."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# The terminal speaks English, as scripts read it, and so do the docs.
ENGLISH_ONLY = frozenset({"display.py", "launch.py", "shortcut_page.py", "terminal.py"})

# Name of the function: number of literals at its beginning that make the text.
WRAPPERS = {"tr": 1, "mark": 1, "sentence": 1, "sentence_count": 2, "tr_count": 2, "tr_in": 2}

# What puts a text before a person's eyes or ears, whether called as a function or as a method.
SHOWS = frozenset(
    {
        "QAction",
        "QCheckBox",
        "QDockWidget",
        "QGroupBox",
        "QLabel",
        "QMenu",
        "QMessageBox",
        "QPushButton",
        "QRadioButton",
        "QToolBar",
        "addAction",
        "addButton",
        "addItem",
        "addItems",
        "addMenu",
        "addTab",
        "addRow",
        "announce",
        "setAccessibleDescription",
        "setAccessibleName",
        "setHeaderLabels",
        "setInformativeText",
        "setLabelText",
        "setPlaceholderText",
        "setPrefix",
        "setStatusTip",
        "setText",
        "setTitle",
        "setToolTip",
        "setWhatsThis",
        "setWindowTitle",
        "showMessage",
        "show_text",
        "panel_title",
        "field_label",
        "muted_label",
        "say",
        "_say",
    }
)
SHOWING_KEYWORDS = frozenset({"hint", "label", "title", "tooltip", "placeholder", "text"})
SHOWING_PROPERTIES = frozenset({"label", "hint", "title", "undo_label", "redo_label"})

# The log, and errors that only programmers meet, are in English.
_FOR_PROGRAMMERS = re.compile(
    r"^_?log(\.\w+)?$|^zipfile\.BadZipFile$|^PoError$|^sqlite3\.\w+$|.*\._database\.execute\w*$"
)
_BUILT_IN = frozenset(name for name in dir(builtins) if name.endswith(("Error", "Exception")))
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_PROSE = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z]")
# The engine is full of words for models and parsers; what it says to people ends with a full stop.
_SENTENCE = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z].*\.\s*$", re.DOTALL)
_NO_WORDS = re.compile(r"^#[0-9a-f]{3,8}$|^[^A-Za-z]*px$")  # colours and numbers of pixels
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A text that can be translated, and where it was found first."""

    text: str
    context: str = ""
    plural: str = ""
    place: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.text


def modules() -> list[Path]:
    """All modules that can say something to the user of the window."""
    editor = [
        p
        for p in (ROOT / "editor").rglob("*.py")
        if p.name not in ENGLISH_ONLY and p.parent.name != "cli"
    ]
    training = ROOT / "engine" / "training"  # a program for the terminal
    engine = [p for p in (ROOT / "engine").rglob("*.py") if training not in p.parents]
    return sorted([*editor, *engine])


def texts_of_source() -> dict[tuple[str, str], SourceText]:
    """Every wrapped text by context and English."""
    found: dict[tuple[str, str], SourceText] = {}
    for path in modules():
        for text in wrapped_texts(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))):
            known = found.setdefault(text.key, text)
            if text.plural and not known.plural:
                found[text.key] = text
    for text in texts_of_catalogue():
        found.setdefault(text.key, text)
    return found


def texts_of_catalogue() -> Iterator[SourceText]:
    """What the list of known models says to people; names that are the same everywhere are not."""
    path = ROOT / "engine" / "checkpoints" / "catalogue.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    place = str(path.relative_to(ROOT))
    for licence in content["licences"].values():
        yield SourceText(licence["allows"], place=place)
        if licence["name"][0].islower():
            yield SourceText(licence["name"], place=place)
    for model in content["models"]:
        yield SourceText(model["note"], place=place)
        if "'" in model["title"]:
            yield SourceText(model["title"], place=place)


def wrapped_texts(source: str, name: str) -> Iterator[SourceText]:
    """The texts in `tr(...)` and its kin, in one module."""
    for node in ast.walk(ast.parse(source)):
        count = WRAPPERS.get(_called(node), 0)
        if not isinstance(node, ast.Call) or not count:
            continue
        literals = [_literal(argument) for argument in node.args[:count]]
        if len(literals) < count or any(literal is None for literal in literals):
            continue
        texts = [str(literal) for literal in literals]
        place = f"{name}:{node.lineno}"
        match _called(node):
            case "tr_count" | "sentence_count":
                yield SourceText(texts[0], plural=texts[1], place=place)
            case "tr_in":
                yield SourceText(texts[1], context=texts[0], place=place)
            case _:
                yield SourceText(texts[0], place=place)


def unwrapped_texts(source: str, name: str) -> list[str]:
    """One line for each text that people would see in English whatever their language."""
    tree = ast.parse(source)
    finder = _Finder(name, _SENTENCE if name.startswith("engine") else _PROSE)
    finder.visit(tree)
    return finder.found


class _Finder(ast.NodeVisitor):
    """Walks a module; what is inside a wrapper, a docstring or an error for programmers is free."""

    def __init__(self, name: str, prose: re.Pattern[str]) -> None:
        self.found: list[str] = []
        self._name = name
        self._prose = prose

    def visit_Call(self, node: ast.Call) -> None:
        name = _called(node)
        if _is_qts_own(node):
            self._report(node, "Qt's own translation is not used")
        elif name in WRAPPERS:
            self._check_wrapper(node, WRAPPERS[name])
        elif name in _BUILT_IN or _FOR_PROGRAMMERS.match(_dotted(node.func)):
            return
        elif name in SHOWS or name.endswith("Error"):  # all errors of our own are shown
            shown = node.args[:1] if name.endswith("Error") else node.args
            self._check_shown(shown)
            for value in [*shown, *(keyword.value for keyword in node.keywords)]:
                self.visit(value)  # the second text of an error is for the log
        else:
            self._check_shown(
                [keyword.value for keyword in node.keywords if keyword.arg in SHOWING_KEYWORDS]
            )
            self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in SHOWING_PROPERTIES:
            returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return) and n.value]
            self._check_shown(returned)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and self._prose.search(node.value):
            self._report(node, repr(node.value))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if self._prose.search(_fixed_part(node)):
            self._report(node, repr(_fixed_part(node)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _check_wrapper(self, node: ast.Call, count: int) -> None:
        """Only a literal or a name can be looked up: a filled-in text is in no catalogue."""
        for argument in node.args[:count]:
            if isinstance(argument, ast.JoinedStr | ast.BinOp):
                self._report(node, "fill in with {name} and a keyword, not with an f-string")
        for value in [*node.args[count:], *(keyword.value for keyword in node.keywords)]:
            self.visit(value)

    def _check_shown(self, values: list[ast.expr]) -> None:
        for value in values:
            for node in _outside_of_calls(value):
                fixed = _fixed_part(node)
                is_word = _LETTERS.search(fixed) and not self._prose.search(fixed)  # found anyway
                if is_word and not _NO_WORDS.match(fixed):
                    self._report(node, repr(fixed))

    def _report(self, node: ast.expr, what: str) -> None:
        self.found.append(f"{self._name}:{node.lineno}: {what}")


def placeholders(text: str) -> list[str]:
    """The `{name}` places of a text without their formats, sorted."""
    return sorted({place[1:-1].split(":")[0].split("!")[0] for place in _PLACEHOLDER.findall(text)})


def _is_qts_own(node: ast.Call) -> bool:
    """`self.tr(...)` or `QCoreApplication.translate(...)`, whose catalogues we do not ship."""
    dotted = _dotted(node.func)
    return dotted.endswith(".tr") or dotted == "QCoreApplication.translate"


def _outside_of_calls(value: ast.expr) -> Iterator[ast.expr]:
    """Literals that are the value itself, or a branch of it."""
    if isinstance(value, ast.Constant | ast.JoinedStr):
        yield value
    elif isinstance(value, ast.IfExp):
        yield from _outside_of_calls(value.body)
        yield from _outside_of_calls(value.orelse)
    elif isinstance(value, ast.BinOp):
        yield from _outside_of_calls(value.left)
        yield from _outside_of_calls(value.right)
    elif isinstance(value, ast.BoolOp):
        for part in value.values:
            yield from _outside_of_calls(part)


def _fixed_part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return ""


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _called(node: ast.AST) -> str:
    """Name of the function or method that a call calls."""
    if not isinstance(node, ast.Call):
        return ""
    return _dotted(node.func).rsplit(".", 1)[-1]


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
