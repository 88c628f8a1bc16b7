"""The golden cases of the published code, and the runner that compares with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.reference.__main__ import main
from tests.reference.cases import Check, read_case
from tests.reference.kinds import KINDS

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json"))


def test_every_kind_has_a_case() -> None:
    kinds = {json.loads(path.read_text())["kind"] for path in GOLDEN.glob("*.json")}
    assert kinds <= set(KINDS)
    assert {KINDS[kind] for kind in kinds} == set(KINDS.values())  # some kinds have two names


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_golden_case(name: str) -> None:
    case = read_case(GOLDEN / f"{name}.json")
    failed = [check for check in KINDS[case.field("kind")](case) if not check.passed]
    assert not failed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for ending in ("json", "safetensors"):
        shutil.copy(GOLDEN / f"art_transformer_2.{ending}", tmp_path)
    return tmp_path


def _change(folder: Path, key: str, factor: float) -> None:
    path = folder / "art_transformer_2.safetensors"
    tensors = load_file(path)
    tensors[key] = tensors[key] * factor
    save_file(tensors, path)


def test_a_passing_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder)]) == 0
    name, kind, error, tolerance, verdict = capsys.readouterr().out.split()
    assert (name, kind, verdict) == ("art_transformer_2", "art_transformer", "pass")
    assert float(error) < float(tolerance) == 1e-5


@pytest.mark.parametrize("key", ["sd/layer_pe", "sd/proj_out.weight", "in/timestep"])
def test_a_wrong_weight_or_input_fails(
    folder: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    _change(folder, key, 1.01)
    assert main([str(folder)]) == 1
    assert capsys.readouterr().out.split()[-1] == "fail"


def test_nan_fails(folder: Path) -> None:
    case = read_case(folder / "art_transformer_2.json")
    ours = torch.tensor([1.0, float("nan")])
    assert not case.compare("x", ours, torch.tensor([1.0, 1.0])).passed


def test_unknown_kinds_fail_unless_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "other.json").write_text('{"kind": "sideways"}')
    assert main([str(folder)]) == 1
    printed = capsys.readouterr()
    assert "other sideways - - fail" in printed.out
    assert "unknown kind 'sideways'" in printed.err
    assert main([str(folder), "--kind", "art_*"]) == 0


def test_damaged_and_missing_files_get_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tensors = folder / "art_transformer_2.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:5000])
    assert main([str(folder)]) == 1
    assert "art_transformer_2.safetensors is cut off" in capsys.readouterr().err
    tensors.unlink()
    assert main([str(folder)]) == 1
    assert "art_transformer_2.safetensors is missing" in capsys.readouterr().err
    (folder / "art_transformer_2.json").write_text('{"kind": ')
    assert main([str(folder)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "art_transformer_2 - - - fail\n"
    assert "cannot be read as JSON" in printed.err


@pytest.mark.parametrize("fault", ["no JSON", "no tensors", "crash"])
def test_a_case_that_cannot_be_run_does_not_stop_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    text = {"no JSON": "{", "no tensors": '{"kind": "art_lora"}', "crash": '{"kind": "broken"}'}
    (folder / "a_first.json").write_text(text[fault])
    shutil.copy(folder / "art_transformer_2.safetensors", folder / "a_first.safetensors")
    if fault == "no tensors":
        (folder / "a_first.safetensors").unlink()

    def crash(_case: object) -> list[Check]:
        raise ZeroDivisionError

    monkeypatch.setitem(KINDS, "broken", crash)
    assert main([str(folder)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("a_first ")
    assert first.endswith(" - - fail")
    assert second.endswith(" pass")


def test_a_description_without_a_field_gets_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "art_transformer_2.json"
    info = json.loads(path.read_text())
    del info["list_layer_box"]
    path.write_text(json.dumps(info))
    assert main([str(folder)]) == 1
    assert "has no field 'list_layer_box'" in capsys.readouterr().err


def test_an_empty_or_missing_folder_gets_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 3
    assert "holds no case" in capsys.readouterr().err
    assert main([str(tmp_path / "none")]) == 3
    assert "There is no folder" in capsys.readouterr().err
