"""Pillow, libvips, OpenCV and ImageMagick behind the line protocol: `worker.py MODE`.

One JSON order per line in, one answer per line out; see ../src/protocol.rs.
"""

import io
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time

PILLOW_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}
EXTENSIONS = {"jpeg": ".jpg", "png": ".png", "webp": ".webp", "avif": ".avif"}


def pillow_file(image, order):
    out = io.BytesIO()
    image.save(out, PILLOW_FORMATS[order["format"]], quality=order["quality"])
    return out.getvalue()


def pillow():
    """One reduced decode for the widest variant, Lanczos from there for each."""
    import PIL.features
    from PIL import Image

    def make(order, source):
        image = Image.open(io.BytesIO(source))
        width, height = image.size
        box = max(order["widths"])
        image.draft(None, (box, math.ceil(box * height / width)))
        image.load()
        files = []
        for wide in order["widths"]:
            size = (wide, round(wide * height / width))
            files.append(pillow_file(image.resize(size, Image.Resampling.LANCZOS), order))
        return files

    turbo = PIL.features.version_feature("libjpeg_turbo")
    return f"Pillow {PIL.__version__}, libjpeg-turbo {turbo}", make


def pillow_thumbnail():
    """`thumbnail` from the bytes for each variant."""
    import PIL.features
    from PIL import Image

    def make(order, source):
        files = []
        for wide in order["widths"]:
            image = Image.open(io.BytesIO(source))
            image.thumbnail((wide, image.size[1]))
            files.append(pillow_file(image, order))
        return files

    turbo = PIL.features.version_feature("libjpeg_turbo")
    return f"Pillow {PIL.__version__}, libjpeg-turbo {turbo}", make


def pyvips(linear=False):
    """`thumbnail_buffer` from the bytes for each variant, nothing kept between calls."""
    import pyvips as vips

    vips.cache_set_max(0)

    def make(order, source):
        options = {} if order["format"] == "png" else {"Q": order["quality"]}
        files = []
        for wide in order["widths"]:
            image = vips.Image.thumbnail_buffer(
                source, wide, height=10_000_000, linear=linear
            )
            files.append(image.write_to_buffer(EXTENSIONS[order["format"]], **options))
        return files

    numbers = ".".join(str(vips.version(part)) for part in range(3))
    return f"pyvips {vips.__version__}, libvips {numbers}", make


def opencv(reduced=False):
    """One decode, INTER_AREA from there; `reduced` lets the decoder shrink by 2, 4 or 8."""
    import cv2
    import numpy

    cv2.setNumThreads(1)
    flags = {
        1: cv2.IMREAD_UNCHANGED,
        2: cv2.IMREAD_REDUCED_COLOR_2,
        4: cv2.IMREAD_REDUCED_COLOR_4,
        8: cv2.IMREAD_REDUCED_COLOR_8,
    }
    settings = {"jpeg": cv2.IMWRITE_JPEG_QUALITY, "webp": cv2.IMWRITE_WEBP_QUALITY}

    def make(order, source):
        is_jpeg = source[:2] == b"\xff\xd8"
        if reduced and not is_jpeg:
            raise ValueError("only JPEG is decoded reduced")
        width, height = order["size"]
        fits = [by for by in flags if by * max(order["widths"]) <= width]
        flag = flags[max(fits)] if reduced else flags[1]
        image = cv2.imdecode(numpy.frombuffer(source, numpy.uint8), flag)
        kind = order["format"]
        options = [settings[kind], order["quality"]] if kind in settings else []
        files = []
        for wide in order["widths"]:
            size = (wide, round(wide * height / width))
            small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            files.append(cv2.imencode(EXTENSIONS[kind], small, options)[1].tobytes())
        return files

    return f"OpenCV {cv2.__version__}", make


def imagemagick():
    """One `convert` per job: one decode, a clone per variant, 4:2:0."""
    program = "/usr/bin/convert"
    words = subprocess.run([program, "-version"], capture_output=True, text=True, check=True)
    version = " ".join(words.stdout.split()[1:3]).removeprefix("Version: ")

    def make(order, source):
        widest = max(order["widths"])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "source")
            with open(path, "wb") as file:
                file.write(source)
            command = [program, "-limit", "thread", "1"]
            command += ["-define", f"jpeg:size={widest}x{widest}", path]
            if order["format"] != "png":
                command += ["-quality", str(order["quality"]), "-sampling-factor", "4:2:0"]
            outs = [os.path.join(folder, f"{wide}.{order['format']}") for wide in order["widths"]]
            for wide, out in zip(order["widths"], outs):
                command += ["(", "+clone", "-resize", f"{wide}x", "-write", out, "+delete", ")"]
            run = subprocess.run(command + ["null:"], capture_output=True, text=True)
            if run.returncode != 0:
                raise RuntimeError(run.stderr.strip())
            files = []
            for out in outs:
                with open(out, "rb") as file:
                    files.append(file.read())
            return files

    return version, make


MODES = {
    "pillow": pillow,
    "pillow-thumbnail": pillow_thumbnail,
    "pyvips": pyvips,
    "pyvips-linear": lambda: pyvips(linear=True),
    "opencv": opencv,
    "opencv-reduced": lambda: opencv(reduced=True),
    "imagemagick": imagemagick,
}


def cpu_ms(whose):
    usage = resource.getrusage(whose)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def answer(order, make, whose):
    with open(order["input"], "rb") as file:
        source = file.read()
    cpu, wall = cpu_ms(whose), time.perf_counter()
    files = make(order, source)
    out = {
        "wall_ms": (time.perf_counter() - wall) * 1e3,
        "cpu_ms": cpu_ms(whose) - cpu,
        "bytes": [len(file) for file in files],
        "process_cpu_ms": cpu_ms(whose),
    }
    if whose == resource.RUSAGE_CHILDREN:
        out["peak_kib"] = resource.getrusage(whose).ru_maxrss
        # Each job is a process of its own: the start is part of every one.
        out["process_cpu_ms"] = out["cpu_ms"]
    if order["out"]:
        for wide, file in zip(order["widths"], files):
            with open(os.path.join(order["out"], f"{wide}.{order['format']}"), "wb") as to:
                to.write(file)
    return out


def say(value):
    print(json.dumps(value), flush=True)


def main():
    mode = sys.argv[1]
    version, make = MODES[mode]()
    whose = resource.RUSAGE_CHILDREN if mode == "imagemagick" else resource.RUSAGE_SELF
    say({"version": version})
    for line in sys.stdin:
        try:
            say(answer(json.loads(line), make, whose))
        except Exception as error:  # the runner reports it and goes on
            say({"error": f"{type(error).__name__}: {error}"})


main()
