"""Code tables over HTTP."""
