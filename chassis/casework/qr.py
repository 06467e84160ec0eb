"""QR codes of addresses, for papers (SVG) and screens (PNG): error correction M, quiet zone of 4 modules."""

import io

import segno


class Svg(str):
    """An SVG document made here, that a template may draw; any other text is printed as text."""


def svg(text: str) -> Svg:
    """Return the code as an SVG document in UTF-8, scaled by whoever shows it."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=4, svgclass=None, lineclass=None)
    return Svg(out.getvalue().decode())


def png(text: str, *, scale: int = 8) -> bytes:
    """Return the code as PNG, `scale` pixels a module."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", border=4, scale=scale)
    return out.getvalue()
