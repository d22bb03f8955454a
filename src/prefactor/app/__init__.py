"""The live app: the views of a results folder in a browser, on this machine."""

from prefactor.app.server import LOCAL, make_app, serve

__all__ = ["LOCAL", "make_app", "serve"]
