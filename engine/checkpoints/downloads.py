"""Fetches a model of the catalogue from the hub, when the user asks for it and never before.

What is there already is kept: a file that was cut off goes on where it stopped, also after a
restart. Each file is compared with the size and SHA-256 that the hub lists. huggingface_hub knows
the hub's address, its mirrors (HF_ENDPOINT) and the user's token; it does not keep partial files
between runs, so the bytes themselves are read here.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.checkpoints.catalogue import KnownModel
from engine.errors import CheckpointError, JobCancelled, RequestError
from engine.sentences import sentence

OFFLINE_VARIABLE = "HF_HUB_OFFLINE"
_CHUNK = 256 * 1024  # the cancel is looked at after each
_PATIENCE_S = 20.0  # without a byte
_TRIES = 5  # in a row without progress
_SPARE = 2**28  # bytes that stay free


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub lists it; `sha256` is "" for small text files."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How to reach the hub.

    Attributes:
        token: For gated models; "" = the one that huggingface_hub knows, if any.
        mirror: Address of a mirror; "" = HF_ENDPOINT or the hub itself.
        offline: Refuse to reach out; also set by HF_HUB_OFFLINE.
    """

    token: str = ""
    mirror: str = ""
    offline: bool = False

    @property
    def is_offline(self) -> bool:
        return self.offline or os.environ.get(OFFLINE_VARIABLE, "").lower() in (
            "1",
            "true",
            "yes",
            "on",
        )


def list_files(model: KnownModel, options: FetchOptions) -> tuple[str, list[HubFile]]:
    """(revision, the files that are wanted of a model).

    Raises:
        RequestError: It is not on the hub, or the program is offline.
        CheckpointError: The hub does not answer, refuses, or has nothing that fits.
    """
    if model.hub is None:
        raise RequestError(
            sentence("{title} cannot be fetched: {note}", title=model.title, note=model.note)
        )
    if options.is_offline:
        raise RequestError(
            sentence(
                "{title} is not fetched: the program is set to stay offline.", title=model.title
            )
        )
    from huggingface_hub import HfApi

    api = HfApi(endpoint=options.mirror or None, token=options.token or None)
    with _explained(model):
        info = api.model_info(model.hub, files_metadata=True, timeout=_PATIENCE_S)
    wanted = [
        HubFile(each.rfilename, int(each.size or 0), _sha256_of(each))
        for each in info.siblings or []
        if any(fnmatch.fnmatchcase(each.rfilename, pattern) for pattern in model.files)
    ]
    if not wanted or any(".." in Path(each.name).parts for each in wanted):
        raise CheckpointError(
            sentence(
                "{hub} on the hub has none of the files that are needed; the catalogue may be old.",
                hub=model.hub,
            )
        )
    return str(info.sha), wanted


def fetch_model(
    model: KnownModel,
    target: Path,
    options: FetchOptions | None = None,
    report: Callable[[int, int], object] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Fetches the files of a model into a folder of its own.

    Args:
        report: Gets bytes there and bytes in all.

    Returns:
        The folder, or the file when there is but one.

    Raises:
        RequestError, CheckpointError: As `list_files`; or the disk is full, a hash is wrong, the
            connection breaks again and again. What was read stays for the next try.
        JobCancelled: `cancelled` said so; likewise.
    """
    chosen = options or FetchOptions()
    revision, files = list_files(model, chosen)
    _check_space(model, target, files)
    total = sum(each.bytes for each in files)
    done = 0
    for each in files:
        fetch = _Fetch(model, revision, chosen, _shifted(report, done, total), cancelled)
        _fetch_file(fetch, each, target / each.name)
        done += each.bytes
        report(done, total)
    return target / files[0].name if len(files) == 1 else target


def _sha256_of(listed: Any) -> str:
    lfs = getattr(listed, "lfs", None)
    value = lfs.get("sha256") if isinstance(lfs, dict) else getattr(lfs, "sha256", None)
    return str(value or "")


def _check_space(model: KnownModel, target: Path, files: list[HubFile]) -> None:
    missing = sum(max(each.bytes - _present(target / each.name), 0) for each in files)
    place = target
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < missing + _SPARE:
        raise CheckpointError(
            sentence(
                "{title} needs {need:.1f} GB more, and {folder} has {free:.1f} GB free; make room "
                "or choose another folder.",
                title=model.title, need=missing / 1e9, folder=place, free=free / 1e9,
            )
        )  # fmt: skip


def _present(path: Path) -> int:
    """Bytes of a file that are there, finished or not."""
    for each in (path, _partial(path)):
        if each.is_file():
            return each.stat().st_size
    return 0


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".part")


@dataclass(frozen=True, slots=True)
class _Fetch:
    """What all files of a model have in common; `report` gets the bytes of one file."""

    model: KnownModel
    revision: str
    options: FetchOptions
    report: Callable[[int], object]
    cancelled: Callable[[], bool]


def _shifted(
    report: Callable[[int, int], object], before: int, total: int
) -> Callable[[int], object]:
    return lambda size: report(before + size, total)


def _fetch_file(fetch: _Fetch, file: HubFile, target: Path) -> None:
    if target.is_file() and target.stat().st_size == file.bytes:
        return  # it was compared when it was fetched
    partial = _partial(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        failures = 0
        while (before := _size(partial)) < file.bytes or not partial.exists():
            try:
                _read_on(fetch, file, partial)
            except _connection_errors() as error:
                failures = failures + 1 if _size(partial) == before else 0
                if failures >= _TRIES:
                    raise CheckpointError(_cut(file), str(error)) from error
        _compare(fetch, file, partial)
        partial.replace(target)
    except OSError as error:
        raise _disk_error(target, error) from error


def _read_on(fetch: _Fetch, file: HubFile, partial: Path) -> None:
    """Reads from where the partial file ends, until its end or until the connection breaks."""
    from huggingface_hub import get_session, hf_hub_url
    from huggingface_hub.utils._headers import build_hf_headers
    from huggingface_hub.utils._http import hf_raise_for_status

    options, hub = fetch.options, str(fetch.model.hub)
    url = hf_hub_url(hub, file.name, revision=fetch.revision, endpoint=options.mirror or None)
    headers = build_hf_headers(token=options.token or None) | {"Accept-Encoding": "identity"}
    start = _size(partial)
    if start:
        headers["Range"] = f"bytes={start}-"
    with (
        _explained(fetch.model, file.name),
        get_session().stream(
            "GET", url, headers=headers, timeout=_PATIENCE_S, follow_redirects=True
        ) as answer,
    ):
        hf_raise_for_status(answer)
        resumed = start and answer.status_code == 206
        with partial.open("ab" if resumed else "wb") as stream:
            for part in answer.iter_bytes(_CHUNK):
                stream.write(part)
                if fetch.cancelled():
                    raise JobCancelled
                fetch.report(min(stream.tell(), file.bytes))


def _compare(fetch: _Fetch, file: HubFile, partial: Path) -> None:
    """Refuses and removes a file that is not the listed one."""
    digest = hashlib.sha256()
    with partial.open("rb") as stream:
        while part := stream.read(2**23):
            if fetch.cancelled():
                raise JobCancelled
            digest.update(part)
    wrong = file.sha256 and digest.hexdigest() != file.sha256
    if wrong or _size(partial) != file.bytes:
        partial.unlink()
        raise CheckpointError(
            sentence(
                "{name} arrived damaged or is not the file that the hub lists; it was removed, try "
                "again.",
                name=file.name,
            ),
            f"{digest.hexdigest()} instead of {file.sha256}",
        )
    fetch.report(file.bytes)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _connection_errors() -> tuple[type[Exception], ...]:
    import httpx2

    return (httpx2.TransportError, httpx2.StreamError)


def _cut(file: HubFile) -> str:
    return sentence(
        "The connection broke again and again while {name} was fetched; what arrived is kept, try "
        "again later.",
        name=file.name,
    )


def _disk_error(target: Path, error: OSError) -> CheckpointError:
    if error.errno == errno.ENOSPC:
        return CheckpointError(
            sentence(
                "The disk is full; {folder} keeps what arrived. Make room and try again.",
                folder=target.parent,
            ),
            str(error),
        )
    return CheckpointError(
        sentence("{target} cannot be written; choose another place.", target=target), str(error)
    )


@contextmanager
def _explained(model: KnownModel, file: str = "") -> Iterator[None]:
    """Turns the hub's refusals into sentences; broken connections pass, they are tried again."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    try:
        yield
    except GatedRepoError as error:
        raise CheckpointError(_gated(model), str(error)) from error
    except RepositoryNotFoundError as error:
        raise CheckpointError(_gated(model) if model.gated else _gone(model), str(error)) from error
    except OfflineModeIsEnabled as error:
        raise RequestError(
            sentence(
                "{title} is not fetched: the program is set to stay offline.", title=model.title
            )
        ) from error
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        if status in (401, 403):
            raise CheckpointError(_gated(model), str(error)) from error
        if status == 404:
            raise CheckpointError(_gone(model, file), str(error)) from error
        raise CheckpointError(
            sentence("The hub answers with an error ({status}); try again later.", status=status),
            str(error),
        ) from error
    except _connection_errors() as error:
        if file:
            raise
        raise CheckpointError(
            sentence("The hub cannot be reached; check the connection or the mirror's address."),
            str(error),
        ) from error


def _gated(model: KnownModel) -> str:
    return sentence(
        "{title} is only given to people who agreed to its licence ({licence}): agree on the hub's "
        "page of {hub}, make a token there, and give it with --token or HF_TOKEN.",
        title=model.title, licence=model.licence.name, hub=model.hub,
    )  # fmt: skip


def _gone(model: KnownModel, file: str = "") -> str:
    if file:
        return sentence(
            "The hub has no {file} in {hub} any more; the catalogue may be old.",
            file=file, hub=model.hub,
        )  # fmt: skip
    return sentence("The hub has no {hub} any more; the catalogue may be old.", hub=model.hub)
