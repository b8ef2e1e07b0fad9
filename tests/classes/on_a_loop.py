"""Something that lives on an event loop, for a test that does not."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar


class Closing(Protocol):
    async def close(self) -> None: ...


Desk = TypeVar("Desk", bound=Closing)


def on_a_loop(make: Callable[[], Desk], work: Callable[[Desk], Awaitable[None]]) -> None:
    """Let `work` have what `make` makes, and close it whatever comes of it."""

    async def whole() -> None:
        desk = make()
        try:
            await work(desk)
        finally:
            await desk.close()

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one, once it was used
        thread.submit(lambda: asyncio.run(whole())).result()
