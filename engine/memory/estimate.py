"""What a job will take under each strategy: bytes on the card, in main memory, on the disk; time.

Weights are counted exactly (`checkpoints/catalogue.json`, held against the meta device by tests).
Working memory follows from sizes: its factors were read off the networks on the meta device, where
every tensor that an evaluation makes can be counted (`tests/full_size/test_activations.py`). Text
encoders leave memory once the prompt is encoded, under every strategy.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.checkpoints.catalogue import Component, Feature, KnownModel
from engine.memory.machine import DISK_BYTES_PER_SECOND, Device, Machine
from engine.memory.strategies import TRAITS, Strategy, Traits

RESERVE = 640 * 2**20  # the driver's context, and what a desktop shows on the same card
PROGRAM = 2 * 2**30  # main memory of the window, Python and torch
TEXT_TOKENS = 512
_PACKED_PX, _LATENT_PX = 16, 8
_WIDTH = 3072  # of FLUX.1 and of klein
# Values alive at once in an evaluation, for each token and channel; measured on the meta device.
_TRANSFORMER_VALUES = 17.5
_DECODER_WIDTH, _DECODER_VALUES = 768, 15.5
_VAE_VALUES_PER_PIXEL = 768
# Larger pictures are decoded tile by tile (`models/tiled_decoder.py`): one tile, or the middle of
# the network on the latent grid, whichever is hungrier.
_VAE_WHOLE_PIXELS = 1024 * 1024
_VAE_TILE_BYTES, _VAE_MIDDLE_VALUES_PER_PIXEL = 830 * 2**20, 69
_TEXT_BYTES = 300 * 2**20
# One block of Inf-DiT of 128 px: working values, and the keys and values kept for it.
_UPSCALE_BLOCK_PX, _UPSCALE_WORKING = 128, 24 * 1024 * 1280 * 2
_UPSCALE_CACHE = 2 * 28 * 1024 * 1280 * 2
_UPSCALE_OPERATIONS = 1.76e12  # of one block and evaluation


@dataclass(frozen=True, slots=True)
class _Anatomy:
    """What the plan must know of the inside of a large network; numbers of weights.

    Attributes:
        block: Of its largest block.
        rest: Outside of all blocks.
        weight: Of its largest single weight.
        layers: That attend over all tokens; 0 = a text encoder, whose time does not count.
        squares: A token is multiplied with this many times width x width in each layer.
    """

    block: int
    rest: int
    weight: int
    layers: int = 0
    squares: int = 0


ANATOMY = {
    "flux1": _Anatomy(339_831_296, 64_124_992, 56_623_104, 57, 12),
    "region": _Anatomy(339_831_296, 64_284_736, 56_623_104, 57, 12),
    "flux2": _Anatomy(245_367_296, 195_035_136, 84_934_656, 25, 13),
    "t5": _Anatomy(192_948_224, 131_600_384, 131_596_288),
    "qwen3": _Anatomy(100_930_816, 388_958_720, 388_956_160),
}


@dataclass(frozen=True, slots=True)
class Work:
    """What a job is to make.

    Attributes:
        width, height: Of the canvas in pixels.
        boxes: Number of objects that are made together with the background.
        box_share: Part of the canvas that each covers.
        steps: None = those that the model was made for.
    """

    feature: Feature
    width: int = 1024
    height: int = 1024
    boxes: int = 10
    box_share: float = 1 / 6
    steps: int | None = None

    @property
    def tokens(self) -> int:
        """Image tokens of 16 x 16 px that the transformer sees at once."""
        canvas = -(-self.width // _PACKED_PX) * -(-self.height // _PACKED_PX)
        if self.feature is not Feature.TEXT_TO_LAYERS:
            return canvas
        return 2 * canvas + round(self.boxes * self.box_share * canvas)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job takes under one strategy, in bytes and seconds.

    Attributes:
        vram: Peak on the card; 0 without one.
        ram: Peak of main memory.
        disk: The weights as they lie on the disk.
        seconds: Of one job once the model is loaded.
        loading: Seconds until it is loaded.
        missing: Why the strategy cannot be used here; "" = it can.
    """

    strategy: Strategy
    vram: int
    ram: int
    disk: int
    seconds: float
    loading: float
    missing: str = ""

    def fits(self, machine: Machine) -> bool:
        """Whether card and main memory are large enough."""
        return not self.missing and self.vram <= machine.vram and self.ram <= machine.ram


@dataclass(frozen=True, slots=True)
class _Stage:
    """Networks that are needed at the same time, and the working memory of the hungriest."""

    components: tuple[Component, ...]
    working: int


def estimate(model: KnownModel, work: Work, strategy: Strategy, machine: Machine) -> Estimate:
    """What `work` takes; `missing` is left empty."""
    traits = TRAITS[strategy]
    text, picture, decoding = _stages(model, work)
    stages = (text, picture, decoding)
    if strategy is Strategy.ALL:
        together = _Stage(
            picture.components + decoding.components, max(picture.working, decoding.working)
        )
        vram = max(_weights(s.components, traits) + s.working for s in (text, together))
    elif strategy is Strategy.GROUP_OFFLOAD:
        vram = max(_two_blocks(s) + s.working for s in stages)
    elif strategy is Strategy.SEQUENTIAL:
        vram = max(_largest_weight(s) + s.working for s in stages)
    elif traits.bits is None or machine.shares_memory:
        vram = max(_weights(s.components, traits) + s.working for s in stages)
    else:  # only the transformer is rounded; the text encoders come weight by weight
        rounded = (_weights(s.components, traits) + s.working for s in (picture, decoding))
        vram = max(_largest_weight(text) + text.working, *rounded)
    waiting = _weights(picture.components + decoding.components, traits)
    ram = PROGRAM + max(sum(part.bytes for part in text.components), waiting)
    if strategy is Strategy.ALL and not machine.shares_memory:
        ram = PROGRAM + max(_weights((c,), traits) for c in model.components)  # one at a time
    if work.feature is Feature.UPSCALE:  # keys and values of one line of blocks wait there
        side = min(work.width, work.height)
        ram += _UPSCALE_CACHE * (-(-side // _UPSCALE_BLOCK_PX) + 2)
    vram += RESERVE
    if machine.shares_memory:
        ram, vram = PROGRAM + vram - RESERVE, 0
        vram = ram if machine.device is Device.MPS else 0
    seconds = _seconds(model, work, strategy, machine)
    return Estimate(strategy, vram, ram, model.bytes, seconds, model.bytes / DISK_BYTES_PER_SECOND)


def operations(model: KnownModel, work: Work) -> float:
    """Multiplications and additions of all evaluations of the transformer."""
    network = _transformer(model)
    if work.feature is Feature.UPSCALE:
        return _UPSCALE_OPERATIONS * _blocks(work) * (2 * (work.steps or model.steps) - 1)
    if network is None:
        return 0.0
    inside, tokens = ANATOMY[network.network], work.tokens + TEXT_TOKENS
    # Modulations are not counted: they are made once, not for every token.
    linear = 2.0 * inside.squares * _WIDTH**2 * tokens
    attention = 4.0 * tokens**2 * _WIDTH
    return (linear + attention) * inside.layers * evaluations(model, work)


def evaluations(model: KnownModel, work: Work) -> int:
    """How often the transformer is evaluated."""
    return (work.steps or model.steps) * (2 if model.guided else 1)


def _blocks(work: Work) -> int:
    """Blocks of an enlarged picture; `work` has the target's size."""
    side = _UPSCALE_BLOCK_PX
    return -(-work.width // side) * -(-work.height // side)


def _transformer(model: KnownModel) -> Component | None:
    found = [part for part in model.components if part.part == "transformer"]
    return found[0] if found else None


def _stages(model: KnownModel, work: Work) -> tuple[_Stage, _Stage, _Stage]:
    """Reading the prompt, denoising, decoding."""
    if work.feature is Feature.UPSCALE:
        network = tuple(c for c in model.components if c.part == "network")
        return _Stage((), 0), _Stage(network, _UPSCALE_WORKING), _Stage((), 0)
    text = [c for c in model.components if c.part.startswith("text_encoder")]
    picture = [c for c in model.components if c.part == "transformer"]
    decoding = [c for c in model.components if c.part in ("vae", "transparent_decoder")]
    return (
        _Stage(tuple(text), _TEXT_BYTES if text else 0),
        _Stage(tuple(picture), transformer_working(work.tokens)),
        _Stage(tuple(decoding), _decoding(work, decoding)),
    )


def transformer_working(tokens: int) -> int:
    """Working memory of one evaluation of a FLUX transformer in bfloat16, image tokens given."""
    return round((tokens + TEXT_TOKENS) * _WIDTH * 2 * _TRANSFORMER_VALUES)


def vae_working(width: int, height: int) -> int:
    """Working memory of decoding a picture by FLUX's autoencoder in bfloat16."""
    if width * height <= _VAE_WHOLE_PIXELS:
        return width * height * _VAE_VALUES_PER_PIXEL * 2
    return max(_VAE_TILE_BYTES, width * height * _VAE_MIDDLE_VALUES_PER_PIXEL * 2)


def decoder_working(latent_pixels: int) -> int:
    """Working memory of the transparent decoder in float32, latent pixels of all boxes given."""
    return round(latent_pixels * _DECODER_WIDTH * 4 * _DECODER_VALUES)


def _decoding(work: Work, components: list[Component]) -> int:
    vae = vae_working(work.width, work.height)
    if not any(part.part == "transparent_decoder" for part in components):
        return vae
    finer = (_PACKED_PX // _LATENT_PX) ** 2
    return max(vae, decoder_working(work.tokens * finer))


def _weights(components: tuple[Component, ...], traits: Traits) -> int:
    total = 0.0
    for part in components:
        large = part.network in ANATOMY and ANATOMY[part.network].layers > 0
        packed = traits.bits is not None and large
        total += part.parameters * traits.bits / 8 if packed and traits.bits else part.bytes
    return round(total)


def _two_blocks(stage: _Stage) -> int:
    """One network of a stage in blocks, two of them on the card; small networks whole."""
    small = sum(part.bytes for part in stage.components if part.network not in ANATOMY)
    large = [
        (2 * ANATOMY[part.network].block + ANATOMY[part.network].rest) * part.bytes_each
        for part in stage.components
        if part.network in ANATOMY
    ]
    return small + max(large, default=0)


def _largest_weight(stage: _Stage) -> int:
    sizes = []
    for part in stage.components:
        inside = ANATOMY.get(part.network)
        sizes.append((inside.weight if inside else part.parameters) * part.bytes_each)
    return max(sizes, default=0)


def _seconds(model: KnownModel, work: Work, strategy: Strategy, machine: Machine) -> float:
    """Computing, and what the bus takes where weights travel."""
    traits = TRAITS[strategy]
    computing = operations(model, work) / machine.operations * traits.slowdown
    network = _transformer(model)
    if network is None or strategy in (Strategy.ALL, Strategy.GGUF):
        return computing
    travel = _weights((network,), traits) / machine.bus
    if strategy is Strategy.GROUP_OFFLOAD:
        return max(computing, travel * evaluations(model, work))
    if strategy is Strategy.SEQUENTIAL:  # nothing overlaps, and the memory is not pinned
        return computing + 2 * travel * evaluations(model, work)
    return computing + travel
