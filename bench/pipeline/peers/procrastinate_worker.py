"""procrastinate's worker: `python -m bench.pipeline.peers.procrastinate_worker`; its jobs go when done."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import django
from django.conf import settings
from procrastinate.contrib.django import app


async def work() -> None:
    # The loop's own pool has six threads on two cores.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(settings.CONCURRENCY))
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        async with worker.open_async():
            await worker.run_worker_async(concurrency=settings.CONCURRENCY, delete_jobs="always")


if __name__ == "__main__":
    django.setup()
    from bench.pipeline.peers import delivery, procrastinate_app  # they need the apps

    delivery.work_with(procrastinate_app.Sender())
    asyncio.run(work())
