"""Corpora to models: train, evaluate, predict; every run is recorded in MLflow."""
