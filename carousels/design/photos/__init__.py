"""Pictures from outside: opened with care, cropped by their subject, graded toward the theme."""
