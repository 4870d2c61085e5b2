"""Every AVIF of a folder by two decoders: beside each, NAME.dav1d by Pillow and NAME.libaom by libvips,
both as RGBA.
"""

import os
import sys

import pyvips
from PIL import Image, _avif

assert _avif.decoder_codec_available("dav1d"), "this Pillow has another decoder"
folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    with Image.open(path) as picture:
        by_dav1d = picture.convert("RGBA").tobytes()
    picture = pyvips.Image.heifload(path).colourspace("srgb")
    if not picture.hasalpha():
        picture = picture.addalpha()
    with open(path + ".dav1d", "wb") as file:
        file.write(by_dav1d)
    with open(path + ".libaom", "wb") as file:
        file.write(picture.cast("uchar").write_to_memory())
