"""Does a model know when it is right? Errors of calibration, corrections, sets with coverage, and when to defer."""
