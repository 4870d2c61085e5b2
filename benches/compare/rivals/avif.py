"""libaom by Pillow.

A line `SOURCE<tab>FILE<tab>SPEED<tab>QUALITY<tab>LEAST` in, the CPU milliseconds of encoding out:
the mean of repetitions that together take at least `LEAST` milliseconds. The first line out has
the versions.
"""

import io
import sys
import time

import PIL
from PIL import Image, features

print(f"Pillow {PIL.__version__}, libavif {features.version('avif')}", flush=True)
name, image = None, None
for line in sys.stdin:
    source, file, speed, quality, least = line.rstrip("\n").split("\t")
    if source != name:
        name, image = source, Image.open(source).convert("RGB")
    start = time.process_time()
    repetitions, spent = 0, 0
    while repetitions == 0 or spent * 1000 < float(least):
        out = io.BytesIO()
        image.save(
            out,
            "avif",
            quality=int(quality),
            speed=int(speed),
            subsampling="4:2:0",
            codec="aom",
            max_threads=1,
        )
        repetitions += 1
        spent = time.process_time() - start
    with open(file, "wb") as written:
        written.write(out.getvalue())
    print(f"{spent * 1000 / repetitions:.3f}", flush=True)
