"""What a client of any SDK generation hears beside its answers: log messages, progress, changes."""

import asyncio

LISTENED = ("notifications/tools/list_changed", "notifications/prompts/list_changed",
            "notifications/resources/list_changed", "notifications/resources/updated",
            "notifications/elicitation/complete")


class Notes:
    """One list, in order of arrival: `["log", level, data]`, `["progress", done, total]`, `["changed", method, ...]`,
    and of a subscription `["listening", honored]`, `["event", name]`, `["ended"]` or `["lost"]`."""

    def __init__(self):
        self.heard = []
        self._tasks = []

    @property
    def callbacks(self) -> dict:
        return {"logging_callback": self._log, "message_handler": self._message}

    async def _log(self, parameters) -> None:
        self.heard.append(["log", parameters.level, parameters.data])

    async def _message(self, message) -> None:
        message = getattr(message, "root", message)
        if (method := getattr(message, "method", None)) in LISTENED:
            uri = getattr(getattr(message, "params", None), "uri", None)
            self.heard.append(["changed", method, *([str(uri)] if uri else [])])

    async def progress(self, done, total=None, message=None) -> None:
        self.heard.append(["progress", done, total])

    async def take(self, count: int = 0, seconds: float = 5) -> list:
        """All that was heard since the last time, when it is `count` notes at least or the time is over."""
        deadline = asyncio.get_running_loop().time() + seconds
        while len(self.heard) < count and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.01)
        heard, self.heard = self.heard, []
        return heard

    async def listen(self, client, **wanted) -> None:
        """Opens a subscription of the modern era and returns when it is acknowledged, or refused."""
        opened = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._listen(client, wanted, opened)))
        await opened.wait()

    async def _listen(self, client, wanted: dict, opened: asyncio.Event) -> None:
        try:
            async with client.listen(**wanted) as subscription:
                honored = subscription.honored.model_dump(mode="json", by_alias=True, exclude_none=True)
                self.heard.append(["listening", honored])
                opened.set()
                async for event in subscription:
                    self.heard.append(["event", type(event).__name__])
            self.heard.append(["ended"])
        except Exception as error:
            self.heard.append(["lost", type(error).__name__])
        finally:
            opened.set()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
