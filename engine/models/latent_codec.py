"""Pixels to latents and back: one protocol for the full size and the starter, and the FLUX form.

Latents are compared, noised and denoised in the scaled space, where their deviation is about 1.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from torch import Tensor

from engine.models.geometry import LATENT_PX, Box, RegionLayout, paste_latents
from engine.models.transparent_decoder import TransparentDecoder

OPAQUE_ENTRIES = (0, 1)  # whole image and background: their pixels have no transparency
VAE_BATCH = 16  # larger batches gave wrong colours in bfloat16 (art-plus, section 4)


class LatentCodec(Protocol):
    """What sampling and service need to know of a codec.

    Attributes:
        latent_channels: Channels of a latent pixel; 16 for FLUX and the starter.
        stride_px: Model pixels per latent pixel and side.
        output_scale: Decoded pixels per model pixel and side.
    """

    latent_channels: int
    stride_px: int
    output_scale: int

    def encode(self, rgba: Tensor) -> Tensor:
        """Straight RGBA in [0, 1], `b 4 H W` -> scaled latents `b 16 H/8 W/8`."""
        ...

    def decode(
        self,
        latents: Sequence[Tensor | None],
        boxes: Sequence[Box | None],
        wanted: Collection[int],
    ) -> dict[int, Tensor]:
        """Pixels of the wanted entries; the others are only conditions.

        Args:
            latents: Per entry `16 h w`, scaled, cropped to its box; None for null entries.
            boxes: Per entry, on the 8-px grid: 0 whole image, 1 background, 2.. objects.
            wanted: Entries to decode; null entries among them are left out of the result.

        Returns:
            Entry -> straight RGBA in [0, 1], `4 H W`, covering exactly its box at `output_scale`;
            entries 0 and 1 are opaque.
        """
        ...


class FluxCodec:
    """The frozen FLUX `AutoencoderKL` for opaque entries, the transparent decoder for the objects.

    The VAE decodes only the wanted ones among the whole image and the background; the published
    pipeline decodes every entry on the full canvas and throws most of it away. The transparent
    decoder sees the boxes of all entries and projects the wanted ones.

    Attributes:
        vae: Any dtype; read its scaling and shift factors.
        decoder: float32.
    """

    latent_channels = 16
    stride_px = LATENT_PX
    output_scale = 1

    def __init__(self, vae: AutoencoderKL, decoder: TransparentDecoder) -> None:
        self.vae = vae
        self.decoder = decoder
        self._scale = float(vae.config["scaling_factor"])
        self._shift = float(vae.config["shift_factor"])

    @torch.no_grad()
    def encode(self, rgba: Tensor) -> Tensor:
        """See `LatentCodec`; transparent pixels are mid-grey, the posterior's mode is taken."""
        colour = (rgba[:, :3] * 2 - 1) * rgba[:, 3:]
        return self._encode_colour(colour)

    @torch.no_grad()
    def fill_grey(self, latents: Sequence[Tensor | None], layout: RegionLayout) -> Tensor:
        """Scaled crops on full canvases, `l 16 H/8 W/8`; outside the boxes transparent grey.

        `decode` needs no canvas outside the boxes; this is for whatever wants to see an object on
        the whole canvas through the VAE. The grey is the posterior's mode, so it is always the same
        (the published pipeline draws it at random).
        """
        grey = torch.zeros(1, 3, layout.height, layout.width, device=self.vae.device)
        return paste_latents(latents, layout, self._encode_colour(grey)[0])

    def unscale(self, latents: Tensor) -> Tensor:
        """Scaled latents -> the space of the VAE."""
        return latents / self._scale + self._shift

    @torch.no_grad()
    def decode(
        self,
        latents: Sequence[Tensor | None],
        boxes: Sequence[Box | None],
        wanted: Collection[int],
    ) -> dict[int, Tensor]:
        """See `LatentCodec`."""
        home = next(self.decoder.parameters()).device
        raw = [None if e is None else self.unscale(e.to(home, torch.float32)) for e in latents]
        pixels: dict[int, Tensor] = {}
        for index in OPAQUE_ENTRIES:
            entry = raw[index] if index < len(raw) else None
            if index in wanted and entry is not None:
                rgb = self.decode_rgb(entry[None])[0]
                pixels[index] = torch.cat([rgb, torch.ones_like(rgb[:1])])
        objects = [index for index in wanted if index not in OPAQUE_ENTRIES]
        if objects:
            decoded = self.decoder(raw, boxes, objects)
            pixels |= {index: _to_unit(value) for index, value in decoded.items()}
        return pixels

    @torch.no_grad()
    def decode_rgb(self, raw: Tensor) -> Tensor:
        """VAE alone: unscaled latents `b 16 h w` -> RGB in [0, 1], float32 `b 3 8h 8w`."""
        parts = raw.to(self.vae.device, self.vae.dtype).split(VAE_BATCH)
        decoded = [self.vae.decode(part, return_dict=False)[0].float() for part in parts]
        return _to_unit(torch.cat(decoded))

    def _encode_colour(self, colour: Tensor) -> Tensor:
        given = colour.to(self.vae.device, self.vae.dtype)
        posterior = self.vae.encode(given, return_dict=False)[0]
        mode: Tensor = posterior.mode()
        return (mode.float() - self._shift) * self._scale


def _to_unit(values: Tensor) -> Tensor:
    return ((values + 1) / 2).clamp(0, 1)
