"""Names, shapes and numbers of the full-size networks against the sheets' tables."""

from __future__ import annotations

import pytest

from engine.checkpoints.architectures import Network, architecture
from engine.checkpoints.catalogue import catalogue
from engine.memory.estimate import ANATOMY
from tests.full_size.__main__ import main
from tests.full_size.tables import Comparison, compare_all, count, read_table


@pytest.fixture(scope="module")
def compared() -> dict[str, Comparison]:
    return {each.title: each for each in compare_all()}


def test_every_weight_equals_the_tables(compared: dict[str, Comparison]) -> None:
    assert {title: each.differences for title, each in compared.items() if each.differences} == {}


@pytest.mark.parametrize(
    ("title", "parameters"),
    [
        ("FLUX.1-dev transformer", 11_901_408_320),
        ("ART's additions (layer_pe)", 159_744),
        ("transparent decoder", 85_265_920),
        ("T5-XXL encoder", 4_762_310_656),
        ("CLIP-L text tower", 123_060_480),
        ("FLUX.1 autoencoder", 83_819_683),
        ("Inf-DiT", 753_762_928),
    ],
)
def test_counts(compared: dict[str, Comparison], title: str, parameters: int) -> None:
    assert compared[title].parameters == parameters


def test_a_table_with_another_shape_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.full_size import tables

    wrong = read_table("clip_l") | {"text_model.final_layer_norm.weight": (769,)}
    right = read_table
    monkeypatch.setattr(
        tables, "read_table", lambda name: wrong if name == "clip_l" else right(name)
    )
    different = [each for each in compare_all() if each.differences]
    assert [each.title for each in different] == ["CLIP-L text tower"]


def test_the_catalogue_counts_what_the_networks_have() -> None:
    for entry in catalogue():
        for part in entry.components:
            if part.network == "clip_vision":
                assert part.parameters == 303_966_208  # the sheet; its tower has no configuration
                continue
            config = None
            if entry.model_id == "flux1-schnell" and part.network == "flux1":
                from engine.checkpoints.architectures import PUBLISHED

                config = PUBLISHED[Network.FLUX1] | {"guidance_embeds": False}
            made = architecture(Network(part.network), config)
            assert part.parameters == made.parameters, (entry.model_id, part.part)


@pytest.mark.parametrize("network", sorted(ANATOMY))
def test_blocks_and_rest_add_up(network: str) -> None:
    made, inside = architecture(Network(network)), ANATOMY[network]
    blocks: dict[str, dict[str, tuple[int, ...]]] = {}
    rest = {}
    for key, shape in made.shapes.items():
        if key in made.optional:
            continue
        words = key.split(".")
        where = next((i for i, w in enumerate(words) if w.isdigit()), None)
        if where is None or not words[where - 1].endswith(("blocks", "block", "layers")):
            rest[key] = shape
        else:
            blocks.setdefault(".".join(words[: where + 1]), {})[key] = shape
    assert max(count(block) for block in blocks.values()) == inside.block
    assert count(rest) == inside.rest
    assert max(count({k: s}) for k, s in made.shapes.items()) == inside.weight
    assert inside.layers in (0, len(blocks))


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out
    for number in ("11,901,408,320", "159,744", "85,265,920", "753,762,928"):
        assert number in printed
    assert "DIFFERENT" not in printed
