"""Every file of a folder in sRGB, by its own profile. Beside each: NAME.cms, RGB by LittleCMS through
Pillow; NAME.vips, RGB by libvips; both with the perceptual intent, without black point compensation.
A file without a profile becomes RGB by the usual formula, in NAME.cms only.
"""

import io
import os
import sys

import pyvips
from PIL import Image, ImageCms


def by_littlecms(path):
    with Image.open(path) as picture:
        picture.load()
        icc = picture.info.get("icc_profile")
        if picture.mode == "RGBA":
            picture = picture.convert("RGB")
        if picture.mode == "P":
            picture = picture.convert("RGB")
        if icc is None:
            return picture.convert("RGB").tobytes()
        return ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(icc)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.PERCEPTUAL,
            outputMode="RGB",
        ).tobytes()


def by_vips(path):
    picture = pyvips.Image.new_from_file(path)
    if picture.get_typeof("icc-profile-data") == 0:
        return None
    if picture.hasalpha():
        picture = picture.flatten()
    picture = picture.icc_transform("srgb", embedded=True, intent="perceptual")
    return picture.cast("uchar").write_to_memory()


def main():
    folder = sys.argv[1]
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        with open(path + ".cms", "wb") as file:
            file.write(by_littlecms(path))
        raw = by_vips(path)
        if raw is not None:
            with open(path + ".vips", "wb") as file:
                file.write(raw)


main()
