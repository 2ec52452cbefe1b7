"""The coder's pages: worklist, episode, administration; plain forms that htmx makes quick."""

from fastapi import FastAPI


def install(app: FastAPI) -> None:
    """Adds the pages and what they load."""
    from service.workbench import (
        administration,
        audits,
        automation,
        episode,
        local_terms,
        messages,
        standards,
        static_files,
        worklist,
    )

    static_files.install(app)
    for pages in (worklist, episode, audits, automation, local_terms, standards, messages, administration):
        app.include_router(pages.router)
