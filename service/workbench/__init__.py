"""The coder's pages."""
