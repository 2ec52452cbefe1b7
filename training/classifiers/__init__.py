"""Fits document classifiers, alone or for a ranker: scikit-learn's linear one and torch's label attention."""
