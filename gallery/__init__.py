"""Every picture the engine can draw, for a person to look at: `make gallery`."""
