"""The starter's upscaler, a small Inf-DiT: its pictures, training, export and evaluation."""
