"""Text before it is set: cleaned, polished by language, given places to break."""
