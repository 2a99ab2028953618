"""What leaves with the pictures: captions per network, XMP, the ZIP with its manifest."""
