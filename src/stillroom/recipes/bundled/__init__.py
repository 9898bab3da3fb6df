"""Bundles by themselves, without the run that made them: checked, measured in their own runtime, and judged."""
