"""Tasks whose answer is no class: numbers, outlines and entities, measured beside teacher and control."""
