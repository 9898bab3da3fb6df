"""Bedside networks as they are used: an ONNX graph, its runtime, and a bundle around them."""
