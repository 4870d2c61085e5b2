"""Opens every file of a folder with Pillow. Beside each: NAME.txt, lines of `key value`, and NAME.raw,
all frames as RGBA, one behind the other.
"""

import os
import sys

from PIL import GifImagePlugin, Image

# Frames as they are seen, not as they are stored.
GifImagePlugin.LOADING_STRATEGY = GifImagePlugin.LoadingStrategy.RGB_ALWAYS


def describe(path):
    with Image.open(path) as picture:
        frames = getattr(picture, "n_frames", 1)
        lines = [
            f"format {picture.format}",
            f"mode {picture.mode}",
            f"width {picture.width}",
            f"height {picture.height}",
            f"frames {frames}",
            f"loop {picture.info.get('loop', 'none')}",
        ]
        durations, raw = [], b""
        for number in range(frames):
            picture.seek(number)
            picture.load()
            durations.append(str(round(picture.info.get("duration", 0))))
            raw += picture.convert("RGBA").tobytes()
        lines.append("durations " + " ".join(durations))
    with open(path + ".txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    with open(path + ".raw", "wb") as file:
        file.write(raw)


def main():
    folder = sys.argv[1]
    for name in sorted(os.listdir(folder)):
        describe(os.path.join(folder, name))


main()
