"""Fetching from a hub that this test plays: resume, hashes, refusals, full disk, cancel."""

from __future__ import annotations

import errno
import shutil
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import close_session, constants

from engine.checkpoints.catalogue import KnownModel, known_model
from engine.checkpoints.downloads import FetchOptions, fetch_model
from engine.errors import CheckpointError, JobCancelled, RequestError
from tests.engine.fake_hub import FakeHub, running

BODY = bytes(range(256)) * 8192  # 2 MiB
MODEL = replace(known_model("flux1-schnell"), hub="makers/model", files=("*.json", "vae/*"))


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a computer where nothing about the hub is set; only this machine is asked."""
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()
    yield
    close_session()


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    files = {"model_index.json": b"{}", "vae/weights.safetensors": BODY, "unwanted.bin": b"x"}
    with running(FakeHub("makers/model", files)) as made:
        yield made


def fetch(hub: FakeHub, target: Path, model: KnownModel = MODEL, **options: Any) -> Path:
    callbacks = {key: options.pop(key) for key in ("report", "cancelled") if key in options}
    return fetch_model(model, target, FetchOptions(mirror=hub.url, **options), **callbacks)


def test_the_wanted_files_arrive_with_progress(hub: FakeHub, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    place = fetch(hub, tmp_path / "m", report=lambda done, total: seen.append((done, total)))
    there = sorted(path.name for path in place.rglob("*") if path.is_file())
    assert there == ["model_index.json", "weights.safetensors"]
    assert (place / "vae" / "weights.safetensors").read_bytes() == BODY
    assert seen[-1] == (len(BODY) + 2, len(BODY) + 2)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_cut_connection_goes_on_where_it_broke(hub: FakeHub, tmp_path: Path) -> None:
    hub.cut_after = [2, 700_000, 500_000]
    fetch(hub, tmp_path)
    assert (tmp_path / "vae" / "weights.safetensors").read_bytes() == BODY
    ranges = [wanted for path, wanted in hub.asked if path.endswith("weights.safetensors")]
    assert ranges[0] == ""
    assert len(ranges) == 3
    assert all(wanted.startswith("bytes=") for wanted in ranges[1:])
    assert ranges[1] != "bytes=0-"


def test_what_a_stopped_program_left_is_taken_up(hub: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "weights.safetensors.part").write_bytes(BODY[:1_000_000])
    fetch(hub, tmp_path)
    assert (tmp_path / "vae" / "weights.safetensors").read_bytes() == BODY
    assert ("bytes=1000000-") in [wanted for _, wanted in hub.asked]
    before = len(hub.asked)
    fetch(hub, tmp_path)  # everything is there
    assert len(hub.asked) == before + 1


def test_a_connection_that_never_gives_anything_is_given_up(hub: FakeHub, tmp_path: Path) -> None:
    hub.cut_after = [2] + [0] * 20
    with pytest.raises(CheckpointError, match="broke again and again"):
        fetch(hub, tmp_path)


@pytest.mark.parametrize("partial", [b"", b"wrong bytes"])
def test_a_wrong_hash_is_refused_and_removed(hub: FakeHub, tmp_path: Path, partial: bytes) -> None:
    name = "vae/weights.safetensors"
    if partial:
        (tmp_path / "vae").mkdir()
        (tmp_path / f"{name}.part").write_bytes(partial)
    else:
        hub.listed_hash[name] = "0" * 64
    with pytest.raises(CheckpointError, match="is not the file that the hub lists"):
        fetch(hub, tmp_path)
    assert not list((tmp_path / "vae").iterdir())


def test_a_gated_model_needs_a_token(hub: FakeHub, tmp_path: Path) -> None:
    hub.token = "secret"
    with pytest.raises(CheckpointError, match="agreed to its licence") as caught:
        fetch(hub, tmp_path)
    assert "--token" in caught.value.message
    fetch(hub, tmp_path, token="secret")
    assert (tmp_path / "vae" / "weights.safetensors").read_bytes() == BODY


def test_a_lost_model_and_a_lost_file(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="has no other/model any more"):
        fetch(hub, tmp_path, replace(MODEL, hub="other/model"))
    hub.lost = {"vae/weights.safetensors"}
    with pytest.raises(CheckpointError, match=r"has no vae/weights.safetensors"):
        fetch(hub, tmp_path)
    with pytest.raises(CheckpointError, match="none of the files"):
        fetch(hub, tmp_path, replace(MODEL, files=("nothing/*",)))


def test_a_small_disk_is_noticed_before_anything_is_read(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
    with pytest.raises(CheckpointError, match="make room"):
        fetch(hub, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_disk_that_gets_full_keeps_what_arrived(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Path, "replace", lambda *_a: (_ for _ in ()).throw(OSError(errno.ENOSPC, "no space left"))
    )
    with pytest.raises(CheckpointError, match="disk is full"):
        fetch(hub, tmp_path)


def test_a_slow_download_is_cancelled_and_goes_on_later(hub: FakeHub, tmp_path: Path) -> None:
    hub.seconds_per_part = 0.01
    seen: list[int] = []
    with pytest.raises(JobCancelled):
        fetch(
            hub, tmp_path, report=lambda done, _total: seen.append(done),
            cancelled=lambda: len(seen) > 3,
        )  # fmt: skip
    kept = (tmp_path / "vae" / "weights.safetensors.part").stat().st_size
    assert 0 < kept < len(BODY)
    hub.seconds_per_part = 0
    fetch(hub, tmp_path)
    assert (tmp_path / "vae" / "weights.safetensors").read_bytes() == BODY


@pytest.mark.parametrize("variable", [False, True])
def test_offline_nothing_is_asked(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool
) -> None:
    if variable:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(RequestError, match="stay offline"):
        fetch(hub, tmp_path, offline=not variable)
    assert hub.asked == []


def test_a_hub_that_is_not_there(tmp_path: Path) -> None:
    options = FetchOptions(mirror="http://127.0.0.1:9")
    with pytest.raises(CheckpointError, match="cannot be reached"):
        fetch_model(MODEL, tmp_path, options)


def test_models_without_a_download_say_so(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be fetched"):
        fetch_model(known_model("art-plus"), tmp_path)
