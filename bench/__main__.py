"""make bench: every measurement, one after the other. Ratios travel between machines, seconds do not."""

from bench import billing, composition, pipeline, render

if __name__ == "__main__":
    render.measure()
    composition.measure()
    pipeline.measure()
    billing.measure()
