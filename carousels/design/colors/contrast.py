"""Luminance and contrast as WCAG 2 defines them, on arrays of pixels in 0..255."""

import numpy as np

_LINEAR = np.linspace(0, 1, 256)
_LINEAR = np.where(_LINEAR <= 0.04045, _LINEAR / 12.92, ((_LINEAR + 0.055) / 1.055) ** 2.4).astype(np.float32)
_RED, _GREEN, _BLUE = 0.2126 * _LINEAR, 0.7152 * _LINEAR, 0.0722 * _LINEAR


def parse_hex(color: str) -> np.ndarray:
    """`#RRGGBB` as three floats in 0..255."""
    return np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)], np.float32)


def measure_luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance of pixels (..., 3) in 0..255."""
    levels = pixels if pixels.dtype == np.uint8 else np.clip(pixels, 0, 255).astype(np.uint8)
    return _RED[levels[..., 0]] + _GREEN[levels[..., 1]] + _BLUE[levels[..., 2]]


def compare(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Contrast ratios (1..21) between two luminances."""
    lighter, darker = np.maximum(first, second), np.minimum(first, second)
    return (lighter + 0.05) / (darker + 0.05)
