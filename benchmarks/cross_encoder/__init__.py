"""How the cross-encoder of `knowledge/cross_encoder.py` was trained and measured: its data, its examples, its loop."""
