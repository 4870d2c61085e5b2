"""Pillow, libimagequant and oxipng: `png.py ID ROUNDS`.

A line `SOURCE<tab>FILE` in, the median of CPU milliseconds out.
"""

import io
import statistics
import sys
import time


def pillow(data):
    from PIL import Image

    image = Image.open(io.BytesIO(data))
    alpha = "A" in image.getbands() or "transparency" in image.info
    if alpha:
        # The other methods have no alpha.
        image = image.convert("RGBA").quantize(256, method=Image.Quantize.FASTOCTREE)
    else:
        # Dithering needs a palette to be given.
        image = image.convert("RGB")
        image = image.quantize(palette=image.quantize(256), dither=Image.Dither.FLOYDSTEINBERG)
    out = io.BytesIO()
    image.save(out, "png")
    return out.getvalue()


def imagequant(data):
    import imagequant as quantizer
    from PIL import Image

    image = Image.open(io.BytesIO(data)).convert("RGBA")
    image = quantizer.quantize_pil_image(image, dithering_level=1.0, max_colors=256)
    out = io.BytesIO()
    image.save(out, "png")
    return out.getvalue()


def oxipng(data):
    import oxipng as optimizer

    return optimizer.optimize_from_memory(data, level=2)


make = {"pillow": pillow, "imagequant": imagequant, "oxipng": oxipng}[sys.argv[1]]
rounds = int(sys.argv[2])
for line in sys.stdin.read().splitlines():
    source, file = line.split("\t")
    data = open(source, "rb").read()
    times = []
    for _ in range(rounds):
        before = time.process_time()
        made = make(data)
        times.append((time.process_time() - before) * 1000)
    open(file, "wb").write(made)
    print(statistics.median(times), flush=True)
