"""Opens variants with Pillow and compares them with what the function's log says of them.

In: the path of a JSON list of {file, format, size, mode, landscape}. Out: one JSON object: how many
were opened, of how many it was seen that they stand upright, and all problems.
"""

import json
import sys

from PIL import Image, ImageOps

GPS = 0x8825
MARK_SIDE_MIN = 24  # Below, the marks of the landscape do not survive the resize.


def mean(picture, box):
    return picture.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))


def is_red(color):
    return color[0] > color[1] + 80 and color[0] > color[2] + 80


def is_blue(color):
    return color[2] > color[0] + 80 and color[2] > color[1] + 80


def is_upright(picture):
    """Red along the whole top, blue at the bottom of the left edge, and nowhere else."""
    width, height = picture.size
    low = height - height // 6
    return (
        all(is_red(mean(picture, (x, 0, x + 1, 1))) for x in range(width))
        and is_blue(mean(picture, (0, low, 1, height)))
        and not is_blue(mean(picture, (width - 1, low, width, height)))
        and not is_red(mean(picture, (0, height - 1, width, height)))
    )


def pixels(picture, mode):
    """The picture with a palette looked up, which is but another form of the same pixels.

    A palette without alpha may stand for pixels that all are opaque, with alpha or without.
    """
    if picture.mode != "P":
        return picture
    opaque = "transparency" not in picture.info
    return picture.convert(mode if opaque and mode in ("RGB", "RGBA") else "RGBA")


def problems(picture, expected):
    shown = pixels(picture, expected["mode"])
    for name, found in (
        ("format", picture.format),
        ("mode", shown.mode),
        ("size", list(shown.size)),
    ):
        if found != expected[name]:
            yield f"{name} is {found}, not {expected[name]}"
    exif = picture.getexif()
    if len(exif) or exif.get_ifd(GPS):
        yield f"has EXIF: {dict(exif)}, GPS {exif.get_ifd(GPS)}"
    for name in ("exif", "icc_profile", "xmp", "photoshop", "comment"):
        if name in picture.info:
            yield f"has {name}"
    if getattr(picture, "n_frames", 1) != 1:
        yield f"has {picture.n_frames} frames"
    turned = ImageOps.exif_transpose(picture)
    if (turned.size, turned.tobytes()) != (picture.size, picture.tobytes()):
        yield "a viewer that obeys EXIF turns it"


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    opened, upright, found = 0, 0, []
    for expected in manifest:
        with Image.open(expected["file"]) as picture:
            picture.load()
            opened += 1
            found += [f"{problem}: {expected}" for problem in problems(picture, expected)]
            if expected["landscape"] and min(picture.size) >= MARK_SIDE_MIN:
                if is_upright(pixels(picture, "RGB")):
                    upright += 1
                else:
                    found.append(f"does not stand upright: {expected}")
    json.dump({"opened": opened, "upright": upright, "problems": found}, sys.stdout)


main()
