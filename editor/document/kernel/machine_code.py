"""Compiles the row machine once for this machine and loads it; later starts do not need numba.

The machine code is kept in the user's cache folder under a name made of everything it depends on:
the source, the compiler's version, the processor. Loading takes llvmlite alone, a tenth of a second
of work less than importing numba, which counts for the terminal and the first picture.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from editor.document.errors import DocumentError
from editor.translations import tr

CACHE_VARIABLE = "LAYERLOOM_CACHE"
_FOLDER = Path(__file__).parent
_SOURCES = ("blend_rows.py", "layout.py", "machine_code.py", "row_machine.py")
_MODULE = "editor.document.kernel.machine_code"
_SYMBOL = "layerloom_run"
_DIGEST_BYTES = 16

Machine = Callable[[int, int, int, int, int, int, int], None]

_lock = threading.Lock()
_loaded: Machine | None = None
_engine: Any = None  # owns the memory that the machine code lies in


def machine() -> Machine:
    """The compiled `row_machine.run`; compiled now if it never was on this machine.

    The first call takes some milliseconds, or about ten seconds when it must compile. Any thread.
    Raises DocumentError when the machine code can be neither made nor loaded.
    """
    global _loaded  # noqa: PLW0603 - one copy for the process
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = _load()
    return _loaded


def cache_folder() -> Path:
    """Where compiled code is kept: the user's cache folder, or what LAYERLOOM_CACHE names."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "layerloom"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "layerloom"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "layerloom"


def _load() -> Machine:
    try:
        target = _Target()
        path = cache_folder() / f"compositor-{target.fingerprint}.bin"
        code = _read(path)
        if code is None:
            code = _compiled_apart() or target.compile()
            _write(path, code)
        return target.linked(code)
    except Exception as error:
        raise DocumentError(
            tr("The compositor could not be prepared on this computer; reinstall Layerloom."),
            repr(error),
        ) from error


class _Target:
    """This processor, as llvmlite compiles and loads code for it."""

    def __init__(self) -> None:
        import llvmlite
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._llvm = llvm
        cpu, features = llvm.get_host_cpu_name(), _host_features(llvm)
        self._machine = llvm.Target.from_default_triple().create_target_machine(
            cpu, features, opt=3, jit=True
        )
        digest = hashlib.blake2b(digest_size=12)
        for part in (llvmlite.__version__, llvm.get_default_triple(), cpu, features):
            digest.update(part.encode() + b"\0")
        for name in _SOURCES:
            digest.update((_FOLDER / name).read_bytes())
        self.fingerprint = digest.hexdigest()

    def compile(self) -> bytes:
        """Object code of the row machine."""
        # Optimised here once, as a whole: numba would do it again for each of its functions.
        given = os.environ.get("NUMBA_OPT")
        os.environ["NUMBA_OPT"] = "0"
        try:
            from editor.document.kernel.row_machine import compiled_run

            compiled = compiled_run()
        finally:
            os.environ.pop("NUMBA_OPT")
            if given is not None:
                os.environ["NUMBA_OPT"] = given
        text = compiled.inspect_llvm().replace(compiled.native_name, _SYMBOL)
        module = self._llvm.parse_assembly(text)
        module.link_in(self._llvm.parse_assembly(_without_interpreter(text)))
        self._optimise(module)
        return bytes(self._machine.emit_object(module))

    def _optimise(self, module: Any) -> None:
        for function in module.functions:
            if not function.is_declaration and function.name != _SYMBOL:
                function.linkage = "internal"  # what is inlined everywhere can go
        tuning = self._llvm.create_pipeline_tuning_options(speed_level=3)
        builder = self._llvm.create_pass_builder(self._machine, tuning)
        builder.getModulePassManager().run(module, builder)

    def linked(self, code: bytes) -> Machine:
        """The function in object code, ready to be called; it lets go of the interpreter lock."""
        global _engine  # noqa: PLW0603 - the code must outlive this object
        _engine = self._llvm.create_mcjit_compiler(self._llvm.parse_assembly(""), self._machine)
        _engine.add_object_file(self._llvm.object_file.ObjectFileRef.from_data(code))
        _engine.finalize_object()
        address = _engine.get_function_address(_SYMBOL)
        if not address:
            raise RuntimeError(f"{_SYMBOL} is not in the compiled code")
        return ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * 7)(address)


def _compiled_apart() -> bytes | None:
    """Code made by a process of its own, so that compiling does not hold up this interpreter.

    None when there is no other interpreter to run (as in a frozen program), or it failed.
    """
    if getattr(sys, "frozen", False) or not Path(sys.executable).stem.startswith("python"):
        return None
    command = [sys.executable, "-m", _MODULE]
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    hidden = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    done = subprocess.run(  # noqa: S603 - this interpreter, a text of our own
        command, env=surroundings, capture_output=True, check=False, creationflags=hidden
    )
    return _checked(done.stdout)


def _host_features(llvm: Any) -> str:
    try:
        return str(llvm.get_host_cpu_features().flatten())
    except RuntimeError:  # not every system tells
        return ""


def _without_interpreter(text: str) -> str:
    """Stand-ins for what numba's error handling calls: the row machine raises nothing."""
    stubs = []
    for line in text.splitlines():
        if line.startswith("target "):
            stubs.append(line)
        found = re.match(r"declare (.*@(?:numba_|NRT_|Py)\w+\(.*?\))", line)
        if found:
            stubs.append(f"define {found.group(1)} {{ unreachable }}")
    return "\n".join(stubs)


def _read(path: Path) -> bytes | None:
    """Code kept by an earlier run; None when there is none or it is damaged."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    return _checked(stored)


def _checked(stored: bytes) -> bytes | None:
    """Code behind its digest; None when they do not fit."""
    digest, code = stored[:_DIGEST_BYTES], stored[_DIGEST_BYTES:]
    return code if digest == _digest(code) else None


def _write(path: Path, code: bytes) -> None:
    """Keep code for later starts; a cache that cannot be written only costs time."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(code) + code)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)


def _digest(code: bytes) -> bytes:
    return hashlib.blake2b(code, digest_size=_DIGEST_BYTES).digest()


if __name__ == "__main__":  # the process of its own: the code to stdout, as the cache has it
    compiled_code = _Target().compile()
    sys.stdout.buffer.write(_digest(compiled_code) + compiled_code)
