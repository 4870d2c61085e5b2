"""Pillow, libvips and OpenCV behind the line protocol of workers that only resample:
`resizing.py MODE`.

One JSON task per line in, one answer per line out; see ../src/resizing/protocol.rs.
"""

import json
import resource
import sys


def pillow():
    """Premultiplies alpha itself, in eight bits."""
    import PIL
    from PIL import Image

    modes = {(1, 8): "L", (3, 8): "RGB", (4, 8): "RGBA"}

    def prepare(pixels, data):
        if pixels["linear"]:
            raise ValueError("no linear light")
        kind = (pixels["channels"], pixels["bits"])
        if kind not in modes:
            raise ValueError("no RGB of 16 bits")
        image = Image.frombytes(modes[kind], tuple(pixels["size"]), data)
        return lambda size: image.resize(tuple(size), Image.Resampling.LANCZOS)

    return f"Pillow {PIL.__version__}", prepare, lambda image: image.tobytes()


def libvips(gap):
    """`resize`. Alpha is premultiplied and light is averaged as `thumbnail` does both: in floating
    point. `gap` is the reduction from which pixels are averaged in blocks first; 0 for never."""
    import pyvips as vips

    vips.cache_set_max(0)
    spaces = {(1, 8): "b-w", (3, 8): "srgb", (4, 8): "srgb", (3, 16): "rgb16"}

    def prepare(pixels, data):
        (width, height), channels = pixels["size"], pixels["channels"]
        space = spaces[channels, pixels["bits"]]
        kind = "uchar" if pixels["bits"] == 8 else "ushort"
        source = vips.Image.new_from_memory(data, width, height, channels, kind)
        source = source.copy(interpretation=space)

        def make(size):
            image = source.colourspace("scrgb") if pixels["linear"] else source
            image = image.premultiply() if channels == 4 else image
            across, down = size[0] / width, size[1] / height
            image = image.resize(across, vscale=down, kernel="lanczos3", gap=gap)
            image = image.unpremultiply() if channels == 4 else image
            image = image.colourspace(space) if pixels["linear"] else image.cast(kind)
            # Nothing is computed before.
            return image.write_to_memory()

        return make

    numbers = ".".join(str(vips.version(part)) for part in range(3))
    return f"pyvips {vips.__version__}, libvips {numbers}", prepare, bytes


def opencv(filter):
    """`resize`, which has no Lanczos that becomes wider with the reduction."""
    import cv2
    import numpy

    cv2.setNumThreads(1)
    interpolation = getattr(cv2, filter)

    def prepare(pixels, data):
        if pixels["linear"]:
            raise ValueError("no linear light")
        width, height = pixels["size"]
        kind = numpy.uint8 if pixels["bits"] == 8 else numpy.uint16
        source = numpy.frombuffer(data, kind).reshape(height, width, pixels["channels"])
        return lambda size: cv2.resize(source, tuple(size), interpolation=interpolation)

    return f"OpenCV {cv2.__version__}", prepare, lambda image: image.tobytes()


MODES = {
    "pillow": pillow,
    "libvips": lambda: libvips(gap=0),
    "libvips-gap": lambda: libvips(gap=2),
    "opencv-area": lambda: opencv("INTER_AREA"),
    "opencv-lanczos4": lambda: opencv("INTER_LANCZOS4"),
}


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e3


def say(value):
    print(json.dumps(value), flush=True)


def main():
    version, prepare, to_bytes = MODES[sys.argv[1]]()
    say({"version": version})
    prepared, make = None, None
    for line in sys.stdin:
        task = json.loads(line)
        try:
            if task["pixels"] != prepared:
                with open(task["pixels"]["path"], "rb") as file:
                    make = prepare(task["pixels"], file.read())
                prepared = task["pixels"]
            start = cpu_ms()
            results = [make(size) for size in task["sizes"]]
            took = cpu_ms() - start
            if task["out"]:
                with open(task["out"], "wb") as file:
                    file.writelines(map(to_bytes, results))
            say({"cpu_ms": took})
        except Exception as error:  # the runner reports it and goes on
            prepared = None
            say({"error": str(error)})


main()
