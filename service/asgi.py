"""What uvicorn starts: the application with settings from the environment."""

from fastapi import FastAPI

from service.app import create_app
from service.config import Settings


def make_app() -> FastAPI:
    return create_app(Settings())
