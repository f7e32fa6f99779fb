"""Pictures of values: grid layout from port sides, then a display list, then SVG."""
