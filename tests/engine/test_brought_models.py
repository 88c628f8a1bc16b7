"""Models that the user brings: recognised, checked, linked; each defect refused with a sentence."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.checkpoints.check import check_headers, check_model
from engine.checkpoints.recognise import PROVENANCE, Layout, recognise
from engine.checkpoints.scan import scan_file
from engine.checkpoints.shelf import Shelf
from engine.errors import CheckpointError, JobCancelled, RequestError
from tests.engine import tiny_checkpoints as tiny


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of each; tests that break something take a copy."""
    place = tmp_path_factory.mktemp("models")
    tiny.flux1_folder(place / "dev")
    tiny.flux1_folder(place / "schnell", guided=False)
    tiny.flux1_parts(place / "parts")
    tiny.flux2_folder(place / "klein")
    tiny.art_split(place / "split")
    tiny.cld_folder(place / "cld")
    tiny.art_fused(place / "fused")
    weights = tiny.transformer_weights(place / "dev")
    tiny.flux1_file(place / "flux.safetensors", weights)
    tiny.flux1_gguf(place / "flux.gguf", weights)
    tiny.lora(place / "lora.safetensors")
    tiny.decoder_pickle(place / "decoder.pt")
    return place


LAYOUTS = {
    "dev": (Layout.FLUX1_FOLDER, "flux1-dev"),
    "schnell": (Layout.FLUX1_FOLDER, "flux1-schnell"),
    "parts": (Layout.FLUX1_PARTS, "flux1-text-encoders"),
    "klein": (Layout.FLUX2_FOLDER, "flux2-klein-4b"),
    "split": (Layout.ART_SPLIT, "art-plus"),
    "cld": (Layout.CLD_LORA, "art-plus"),
    "fused": (Layout.ART_FUSED, "art-plus"),
    "flux.safetensors": (Layout.FLUX1_FILE, "flux1-dev"),
    "flux.gguf": (Layout.FLUX1_GGUF, "flux1-dev"),
    "lora.safetensors": (Layout.LORA_FILE, ""),
    "decoder.pt": (Layout.PICKLE, ""),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_is_recognised_by_its_content(made: Path, tmp_path: Path, name: str) -> None:
    renamed = tmp_path / f"something{Path(name).suffix}"
    renamed.symlink_to(made / name)
    found = recognise(renamed)
    assert (found.layout, found.model_id) == LAYOUTS[name]
    is_art = found.model_id == "art-plus"
    assert found.notice == (PROVENANCE if is_art else "")


@pytest.mark.parametrize(
    "name", ["dev", "schnell", "parts", "klein", "fused", "flux.safetensors", "flux.gguf"]
)
def test_sound_models_pass_and_are_linked(made: Path, tmp_path: Path, name: str) -> None:
    shelf = Shelf(tmp_path / "shelf")
    model = shelf.add(made / name)
    assert shelf.models() == (model,)
    assert model.path == str(made / name)
    assert [path.name for path in shelf.folder.iterdir()] == ["models.json"]  # nothing copied
    assert model.parameters > 10_000
    assert model.changed == ()
    assert all(len(file.sha256) == 64 for file in model.files)
    assert shelf.check(model.name).files == model.files
    shelf.remove(model.name)
    assert shelf.models() == ()
    assert (made / name).exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["split", "cld"])
def test_adapters_are_checked_against_the_users_own_base(
    made: Path, tmp_path: Path, name: str
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    with pytest.raises(CheckpointError, match="does not fit FLUX"):
        shelf.add(made / name)  # tiny adapters do not fit the full size
    shelf.add(made / "dev")
    model = shelf.add(made / name)
    assert model.notice == PROVENANCE
    assert set(model.converted) == {"layer_pe", "transparent_decoder"}
    embedding = load_file(model.converted["layer_pe"])["layer_pe"]
    assert embedding.shape == (1, 8, 1, 1, 32)
    shelf.remove(name)
    assert not Path(model.converted["layer_pe"]).exists()


# Defects of a folder


def copied(made: Path, name: str, tmp_path: Path) -> Path:
    target = tmp_path / name
    if (made / name).is_dir():
        shutil.copytree(made / name, target)
    else:
        shutil.copy(made / name, target)
    return target


def first_shard(place: Path) -> Path:
    return min((place / "transformer").glob("*.safetensors"))


def missing_shard(place: Path) -> None:
    first_shard(place).unlink()


def truncated(place: Path) -> None:
    shard = first_shard(place)
    shard.write_bytes(shard.read_bytes()[:-7])


def wrong_shape(place: Path) -> None:
    shard = first_shard(place)
    tensors = load_file(shard)
    key = min(tensors)
    tensors[key] = torch.cat([tensors[key], tensors[key]])
    save_file(tensors, shard)


def not_a_number(place: Path) -> None:
    shard = first_shard(place)
    tensors = load_file(shard)
    tensors[min(tensors)].view(-1)[3] = float("nan")
    save_file(tensors, shard)


def integers(place: Path) -> None:
    shard = first_shard(place)
    tensors = load_file(shard)
    key = min(tensors)
    tensors[key] = tensors[key].to(torch.int8)
    save_file(tensors, shard)


def enormous_header(place: Path) -> None:
    with first_shard(place).open("r+b") as stream:
        stream.write((10**12).to_bytes(8, "little"))


def overlap(place: Path) -> None:
    change_header(first_shard(place), lambda entries: entries[1].update(entries[0]))


def outside(place: Path) -> None:
    def move(entries: list[dict[str, list[int]]]) -> None:
        begin, end = entries[-1]["data_offsets"]
        entries[-1]["data_offsets"] = [begin + 10**9, end + 10**9]

    change_header(first_shard(place), move)


def other_licence(place: Path) -> None:
    (place / "LICENSE.md").write_text(tiny.APACHE)


def absurd_configuration(place: Path) -> None:
    config = place / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"num_layers": 10**9}))


def broken_configuration(place: Path) -> None:
    (place / "vae" / "config.json").write_text("{")


def no_configuration(place: Path) -> None:
    (place / "text_encoder" / "config.json").unlink()


def way_out(place: Path) -> None:
    index = next((place / "transformer").glob("*.index.json"))
    content = json.loads(index.read_text())
    content["weight_map"][next(iter(content["weight_map"]))] = "../vae/x.safetensors"
    index.write_text(json.dumps(content))


def change_header(path: Path, change: Callable[[list[dict[str, list[int]]]], None]) -> None:
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    named = {k: v for k, v in header.items() if k != "__metadata__"}
    change(sorted(named.values(), key=lambda entry: entry["data_offsets"]))
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])


DEFECTS: dict[Callable[[Path], None], str] = {
    missing_shard: "is missing; the folder is incomplete",
    truncated: "is cut off",
    wrong_shape: "has the shape",
    not_a_number: "values that are not numbers",
    integers: "cannot be computed with",
    enormous_header: "is damaged or of another format",
    overlap: "is damaged or of another format",
    outside: "is damaged or of another format",
    other_licence: "is not the licence of FLUX.1 dev",
    absurd_configuration: "asks for num_layers = 1000000000",
    broken_configuration: "is damaged or no configuration",
    no_configuration: "is missing; the folder is incomplete",
    way_out: "is missing; the folder is incomplete",
}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_each_defect_is_refused_with_a_sentence(
    made: Path, tmp_path: Path, defect: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = copied(made, "dev", tmp_path)
    defect(place)
    monkeypatch.setattr("safetensors.torch.load_file", _no_loading)
    shelf = Shelf(tmp_path / "shelf")
    with pytest.raises(CheckpointError, match=DEFECTS[defect]) as caught:
        shelf.add(place)
    assert "\n" not in caught.value.message
    assert str(place) in caught.value.message  # which file
    assert not shelf.folder.exists()


def _no_loading(*_words: object) -> None:
    raise AssertionError("weights were loaded before they were checked")


def test_a_defect_of_the_fused_form(made: Path, tmp_path: Path) -> None:
    place = copied(made, "fused", tmp_path)
    config = place / "transformer" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"max_layer_num": 9}))
    with pytest.raises(CheckpointError, match=r"layer_pe has the shape \(1, 8, 1, 1, 32\)"):
        check_headers(recognise(place))


def test_defects_of_klein_and_of_the_parts(made: Path, tmp_path: Path) -> None:
    klein = copied(made, "klein", tmp_path)
    missing_shard(klein)
    with pytest.raises(CheckpointError, match="is missing; the folder is incomplete"):
        check_headers(recognise(klein))
    parts = copied(made, "parts", tmp_path)
    weights = parts / "text_encoder_2" / "model.safetensors"
    tensors = load_file(weights)
    tensors.pop("encoder.final_layer_norm.weight")
    save_file(tensors, weights)
    with pytest.raises(CheckpointError, match=r"lacks encoder\.final_layer_norm\.weight"):
        check_headers(recognise(parts))


def test_defects_of_adapters(made: Path, tmp_path: Path) -> None:
    from engine.checkpoints.architectures import Network, architecture

    base = architecture(Network.FLUX1, tiny.FLUX)
    place = copied(made, "split", tmp_path)
    assert len(check_headers(recognise(place), base)) == 3
    (place / "extra_lora" / "pytorch_lora_weights.safetensors").unlink()
    assert len(check_headers(recognise(place), base)) == 2  # it is optional
    lora = place / "pre_fuse_lora" / "pytorch_lora_weights.safetensors"
    tensors = load_file(lora)
    tensors.pop(next(key for key in tensors if ".lora_B." in key))
    save_file(tensors, lora)
    with pytest.raises(CheckpointError, match="there is no place for its weight"):
        check_headers(recognise(place), base)
    lora.unlink()
    with pytest.raises(CheckpointError, match="is missing; the folder is incomplete"):
        check_headers(recognise(place), base)


def test_defects_of_a_single_file(made: Path, tmp_path: Path) -> None:
    path = copied(made, "flux.safetensors", tmp_path)
    tensors = load_file(path)
    missing = dict(tensors)
    missing.pop("single_blocks.1.linear2.bias")
    save_file(missing, path)
    with pytest.raises(
        CheckpointError, match=r"lacks single_transformer_blocks\.1\.proj_out\.bias"
    ):
        check_headers(recognise(path))
    save_file(tensors | {"double_blocks.0.strange.weight": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match=r"which FLUX\.1 does not have"):
        check_headers(recognise(path))


@pytest.mark.parametrize("cut", [3, 30, 400, -5])
def test_cut_gguf_files(made: Path, tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes((made / "flux.gguf").read_bytes()[:cut])
    with pytest.raises(CheckpointError, match=r"damaged or cut off|no model that is known"):
        recognise(path)


def test_a_gguf_file_of_a_million_million_tensors(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 10**12, 0))
    with pytest.raises(CheckpointError, match="damaged or cut off"):
        recognise(path)


def test_pickles_only_go_through_the_converter(made: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="layerloom models convert"):
        Shelf(tmp_path / "shelf").add(made / "decoder.pt")


def test_foreign_things_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("hello, this is no model")
    save_file({"something": torch.zeros(2)}, tmp_path / "other.safetensors")
    for name in ("folder", "text.txt", "other.safetensors"):
        with pytest.raises(CheckpointError, match="is no model that is known here"):
            recognise(tmp_path / name)
    with pytest.raises(CheckpointError, match="is missing"):
        recognise(tmp_path / "nothing")


# The list


def test_a_changed_file_is_noticed(made: Path, tmp_path: Path) -> None:
    place = copied(made, "lora.safetensors", tmp_path)
    shelf = Shelf(tmp_path / "shelf")
    shelf.add(place)
    tiny.lora(place, seed=99)
    assert shelf.get("lora").changed == (str(place),)
    with pytest.raises(CheckpointError, match="is not the file it was when it was added"):
        shelf.check("lora")


def test_names_are_unique_and_known(made: Path, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    (tmp_path / "a").mkdir()
    shutil.copy(made / "lora.safetensors", tmp_path / "a" / "lora.safetensors")
    assert shelf.add(made / "lora.safetensors").name == "lora"
    assert shelf.add(tmp_path / "a" / "lora.safetensors").name == "lora-2"
    assert shelf.add(made / "lora.safetensors").name == "lora"  # again: replaced
    assert shelf.add(made / "lora.safetensors", name="mine").name == "mine"
    with pytest.raises(RequestError, match=r"lora, lora-2, mine"):
        shelf.get("other")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": 3}', '{"a": {"files": [{}]}}'])
def test_a_damaged_list_is_empty(tmp_path: Path, content: str) -> None:
    (tmp_path / "models.json").write_text(content)
    assert Shelf(tmp_path).models() == ()


def test_checking_tells_how_far_it_is_and_can_be_cancelled(made: Path) -> None:
    seen: list[tuple[int, int]] = []
    check_model(recognise(made / "dev"), report=lambda *pair: seen.append(pair))
    assert seen[-1][0] <= seen[-1][1]
    assert seen[-1][0] > 0.9 * seen[-1][1]
    with pytest.raises(JobCancelled):
        check_model(recognise(made / "dev"), cancelled=lambda: True)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_every_kind_of_number_is_looked_at(tmp_path: Path, dtype: torch.dtype) -> None:
    good = torch.randn(50).to(dtype)
    save_file({"a": good, "b": torch.arange(3)}, tmp_path / "good.safetensors")
    import hashlib

    expected = hashlib.sha256((tmp_path / "good.safetensors").read_bytes()).hexdigest()
    assert scan_file(tmp_path / "good.safetensors").sha256 == expected
    for bad in (np.nan, np.inf, -np.inf):
        broken = good.clone()
        broken[41] = float(bad)
        save_file({"a": good, "b": broken}, tmp_path / "bad.safetensors")
        with pytest.raises(CheckpointError, match="not numbers in b"):
            scan_file(tmp_path / "bad.safetensors")
