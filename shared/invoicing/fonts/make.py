#!/usr/bin/env python3
"""Makes the font files beside this script from the packages that publish them, and says what each covers.

    npm pack inter-ui@4.1.1 && tar xzf inter-ui-4.1.1.tgz                      (Inter, as WOFF2)
    apt-get download fonts-wqy-microhei fonts-noto-core, then dpkg -x each     (WenQuanYi Micro Hei, Noto Sans)
    pip install fonttools brotli
    python3 make.py FOLDER_WITH_ALL_OF_THAT

Inter and Noto Sans are taken whole; only the container (WOFF2) and hinting, which PDF readers do not use, go. Of
WenQuanYi Micro Hei the signs stay that Inter lacks: Chinese, Japanese and Korean.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parent
NOTO = ["Arabic", "Armenian", "Devanagari", "Georgian", "Hebrew", "Thai"]
LATIN_GREEK_CYRILLIC = set(range(0x0, 0x2000)) - set(range(0x1100, 0x1200))
"""What Inter covers: taken out of the font for East Asian signs, except Hangul's letters."""


def main() -> None:
    source = Path(sys.argv[1])
    for weight in ["Regular", "SemiBold"]:
        font = TTFont(one(source, f"Inter-{weight}.woff2"))
        font.flavor = None
        write(font, f"Inter-{weight}.ttf", keep=None)
    for script in NOTO:
        font = TTFont(one(source, f"NotoSans{script}-Regular.ttf"))
        write(font, f"NotoSans{script}-Regular.ttf", keep=None)
    font = TTCollection(one(source, "wqy-microhei.ttc")).fonts[0]
    write(font, "WenQuanYiMicroHei-EastAsian.ttf", keep=set(font.getBestCmap()) - LATIN_GREEK_CYRILLIC)


def one(source: Path, name: str) -> Path:
    """The one file of that name below the folder."""
    found = sorted(path for path in source.rglob(name) if path.is_file())
    if not found:
        sys.exit(f"{name} is not below {source}")
    return found[0]


def write(font: TTFont, name: str, keep: set[int] | None) -> None:
    """Writes a font without hinting, with the signs of `keep` only where that is given."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["*"] if keep is None else []
    options.name_IDs = ["*"]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.glyph_names = False
    options.recalc_timestamp = False
    options.drop_tables += ["FFTM", "vhea", "vmtx"] if keep is not None else ["FFTM"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=keep if keep is not None else set(font.getBestCmap()))
    cutter.subset(font)
    font.save(HERE / name)
    print(f"{name}: {len(font.getBestCmap()):,} signs, {(HERE / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
