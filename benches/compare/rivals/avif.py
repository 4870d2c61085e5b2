"""libaom by Pillow.

A line `SOURCE<tab>FILE<tab>SPEED<tab>QUALITY` in, the CPU milliseconds of encoding out. The first
line out has the versions.
"""

import io
import sys
import time

import PIL
from PIL import Image, features

print(f"Pillow {PIL.__version__}, libavif {features.version('avif')}", flush=True)
name, image = None, None
for line in sys.stdin:
    source, file, speed, quality = line.rstrip("\n").split("\t")
    if source != name:
        name, image = source, Image.open(source).convert("RGB")
    out = io.BytesIO()
    start = time.process_time()
    image.save(
        out,
        "avif",
        quality=int(quality),
        speed=int(speed),
        subsampling="4:2:0",
        codec="aom",
        max_threads=1,
    )
    spent = time.process_time() - start
    with open(file, "wb") as written:
        written.write(out.getvalue())
    print(f"{spent * 1000:.3f}", flush=True)
