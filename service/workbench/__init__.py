"""The coder's pages: worklist, episode, administration; plain forms that htmx makes quick."""

from fastapi import FastAPI


def install(app: FastAPI) -> None:
    """Adds the pages and what they load."""
    from service.workbench import (
        administration,
        asking,
        attributions,
        audits,
        automation,
        checking,
        clinician_accounts,
        clinicians,
        codes,
        context,
        episode,
        extracts,
        kept,
        local_terms,
        messages,
        outgoing,
        practice,
        progress,
        queries,
        settings,
        standards,
        static_files,
    )
    from service.workbench.worklist import actions, pages, saved

    static_files.install(app)
    routers = (
        episode.router,  # tried in this order, and most asked
        pages.router,
        actions.router,
        saved.router,
        progress.router,
        context.router,
        asking.router,
        queries.router,
        clinician_accounts.router,
        practice.router,
        checking.router,
        kept.router,
        codes.router,
        audits.router,
        automation.router,
        local_terms.router,
        standards.router,
        messages.router,
        clinicians.router,
        attributions.router,
        outgoing.router,
        extracts.router,
        administration.router,
        settings.router,
    )
    for router in routers:
        app.include_router(router)
