"""The files that the checks upload. In: a folder. Out: paths of a picture, a file that is no
picture, and pictures with hostile names.
"""

import pathlib
import struct
import zlib

WIDTH, HEIGHT = 960, 640
HOSTILE_NAMES = [
    "<img src=x onerror=window.attacked=1>.png",
    "\"'><svg onload=window.attacked=1>&lt;.png",
    "invoice\u202egnp.exe\u2066.png",
    "first line\nsecond line\ttab.png",
    "zero\u200bwidth\ufeff\u00ad.png",
    "e" + "\u0301" * 60 + ".png",
    "שלום עולם.png",
]


def png():
    """A picture with a gradient, an edge, and a disc, as the bytes of a PNG file."""
    rows = []
    for y in range(HEIGHT):
        row = bytearray()
        for x in range(WIDTH):
            inside = (x - 640) ** 2 + (y - 300) ** 2 < 170 ** 2
            row += bytes((230, 180, 60) if inside else (x * 200 // WIDTH, y * 255 // HEIGHT, 120))
        rows.append(b"\0" + bytes(row))
    header = struct.pack("!IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, chunks))


def chunk(named):
    """A chunk of PNG: length, name, data, checksum."""
    name, data = named
    return struct.pack("!I", len(data)) + name + data + struct.pack("!I", zlib.crc32(name + data))


class Inputs:
    """All files, written once; names contain `mark`, so that each run has keys of its own."""

    def __init__(self, folder, mark):
        folder = pathlib.Path(folder)
        data = png()
        self.picture = self._write(folder, f"{mark}.png", data)
        self.other = self._write(folder, f"{mark}-again.png", data)
        self.text = self._write(folder, f"{mark}-text.png", b"This is no picture.\n")
        self.hostile = [self._write(folder, f"{mark} {name}", data) for name in HOSTILE_NAMES]

    @staticmethod
    def _write(folder, name, data):
        path = folder / name
        path.write_bytes(data)
        return path
