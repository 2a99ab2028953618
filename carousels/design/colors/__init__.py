"""Colours: OKLCH, a brand's palette, the art's hues, contrast by WCAG 2. Arithmetic only."""
