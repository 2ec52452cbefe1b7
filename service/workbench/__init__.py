"""The coder's pages: worklist, episode, administration; plain forms that htmx makes quick."""

from fastapi import FastAPI


def install(app: FastAPI) -> None:
    """Adds the pages and what they load."""
    from service.workbench import administration, episode, local_terms, messages, static_files, worklist

    static_files.install(app)
    for router in (
        worklist.router,
        episode.router,
        local_terms.router,
        messages.router,
        administration.router,
    ):
        app.include_router(router)
