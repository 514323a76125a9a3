"""Writes docs/console-pages.md and its pictures, of few colours: `gallery.py PICTURES DOCS`."""

import sys
from collections import Counter
from pathlib import Path

from consolepages import PAGES

# The look in the name of a test's picture, the end of the picture's name here, and the most pixels from its top.
LOOKS = {"light": ("", 1600), "narrow": ("-phone", 1600)}
COLOURS = 64
HEAD = """# The pages of the console in pictures

Each page on a desktop (1440 px) and on a phone (360 px), in light colours, with the example of the tests; long pages are cut.
`make pictures` renews them. [Working in the console](console.md) describes each page. `/design` of the test program
`console-pages` shows every component in every state.

| page | on a desktop | on a phone |
|---|---|---|
"""


def rows() -> list[tuple[str, str, dict[str, str]]]:
    """The name of each page, its address as text, and the tests' pictures of it by the look here."""
    found = [(page.name, f"`{page.path}`", {look: f"console-{page.name}-{look}" for look in LOOKS}) for page in PAGES]
    design = {"light": "console-design-wide-light", "narrow": "console-design-narrow-light"}
    return [*found, ("design", "`/design` (tests)", design)]


def document() -> str:
    lines = [f"| {address} | ![{name} on a desktop](pictures/page-{name}.png) | ![{name} on a phone](pictures/page-{name}-phone.png) |"
             for name, address, _ in rows()]
    return HEAD + "\n".join(lines) + "\n"


def in_few_colours(picture):
    """The picture with its most frequent colours unchanged, and the nearest of them for each other one. Pillow's own methods
    lose what is rare in a page or nearly white: the green of a badge, and the grounds of pages and notices."""
    from PIL import Image

    pixels = picture.tobytes()
    pixels = list(zip(pixels[::3], pixels[1::3], pixels[2::3]))
    palette = [colour for colour, _ in Counter(pixels).most_common(COLOURS)]
    nearest = {one: min(range(len(palette)), key=lambda place: sum((a - b) ** 2 for a, b in zip(palette[place], one)))
               for one in set(pixels)}
    few = Image.frombytes("P", picture.size, bytes(map(nearest.__getitem__, pixels)))
    few.putpalette([part for colour in palette for part in colour])
    return few


def main(pictures: Path, docs: Path) -> None:
    from PIL import Image

    for name, _, taken in rows():
        for look, (end, most) in LOOKS.items():
            whole = Image.open(pictures / f"{taken[look]}.png").convert("RGB")
            part = whole.crop((0, 0, whole.width, min(whole.height, most)))
            in_few_colours(part).save(docs / "pictures" / f"page-{name}{end}.png", optimize=True)
    (docs / "console-pages.md").write_text(document())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
