"""Which kinds of cases can be run. A new kind is a function and a line here."""

from tests.reference import art, inf_dit
from tests.reference.cases import Runner

KINDS: dict[str, Runner] = {
    "art_transformer": art.run_transformer,
    "art_lora": art.run_lora,
    "art_transparent_vae": art.run_transparent_decoder,
    "art_pipeline": art.run_pipeline,
    "forward": inf_dit.run_forward,  # the cases of Inf-DiT call their kinds so
    "sampler": inf_dit.run_sampler,
    "infdit_forward": inf_dit.run_forward,
    "infdit_sampler": inf_dit.run_sampler,
}
