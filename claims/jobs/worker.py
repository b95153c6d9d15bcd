"""A worker: it works off queues, each in slots of its own, and outlives the database.

A queue whose connection is lost starts anew until it is back, whatever the other queues do. At a
stop signal the worker takes no more jobs, and ends when those in hand are done, at the latest after
the grace. Another worker takes up the jobs that it leaves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import signal
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import psycopg_pool
from django.db import close_old_connections
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ProcrastinateException

from claims.jobs.queues import SLOTS, Queue

log = logging.getLogger(__name__)

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CONNECT_SECONDS: Final = 5
# After the grace a job is told to give up; an inspection then ends its child and puts itself back.
SECONDS_TO_GIVE_UP: Final = 3
FOREVER: Final = 10.0**9
"""Seconds for which a lost connection is tried again."""
# The seconds until a queue starts anew. Workers of many machines don't come back all at once.
PAUSE: Final = (1.0, 3.0)


async def work(queues: Collection[Queue], *, grace: float) -> None:
    """Work off these queues until a stop signal. `grace` is in seconds.

    The process ends here if jobs are still in hand after the grace, because nothing else would end
    their threads.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    # Jobs are functions that block, and each slot needs its thread even if all others hang.
    slots = sum(SLOTS[queue] for queue in queues)
    loop.set_default_executor(ThreadPoolExecutor(slots + len(queues)))
    connector = _connector(len(queues))
    with app.replace_connector(connector):
        await _open(connector, stopped)
        lanes = [
            asyncio.create_task(_work_off(queue, stopped, grace=grace), name=queue)
            for queue in queues
        ]
        await stopped.wait()
        if not await _finish(lanes, grace + SECONDS_TO_GIVE_UP):
            logging.shutdown()
            os._exit(0)
        await connector.close_async()


def _connector(queues: int) -> PsycopgConnector:
    params = {"connect_timeout": CONNECT_SECONDS} | connector_params()
    return PsycopgConnector(
        kwargs=params,
        min_size=1,
        # Each queue listens on one, and needs another one to fetch and to finish jobs.
        max_size=2 * queues + 1,
        timeout=CONNECT_SECONDS,
        reconnect_timeout=FOREVER,
    )


async def _open(connector: PsycopgConnector, stopped: asyncio.Event) -> None:
    """Wait for the database, however long it takes."""
    while not stopped.is_set():
        try:
            await connector.open_async()
        except (ProcrastinateException, psycopg_pool.PoolTimeout) as error:
            log.warning("The database can't be reached (%s); the worker tries again.", error)
            await connector.close_async()
            await _pause(stopped)
        else:
            return


async def _work_off(queue: Queue, stopped: asyncio.Event, *, grace: float) -> None:
    while not stopped.is_set():
        try:
            await app.run_worker_async(
                queues=[queue],
                concurrency=SLOTS[queue],
                name=queue,
                install_signal_handlers=False,
                shutdown_graceful_timeout=grace,
                task_middleware=[_with_a_live_connection],
            )
        except Exception as error:  # noqa: BLE001  # whatever it was, the queue goes on
            log.warning("The queue %s has failed: %s", queue, " ".join(str(error).split()))
        log.warning("The queue %s lost the database; it starts anew.", queue)
        await _pause(stopped)


def _with_a_live_connection(call: Callable[[], Any], *context: object) -> Any:
    """Run a job on a connection that the database hasn't closed meanwhile."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


async def _finish(lanes: Collection[asyncio.Task[None]], seconds: float) -> bool:
    """Let the jobs in hand end; return whether they did in time."""
    for lane in lanes:
        lane.cancel()
    _, late = await asyncio.wait(lanes, timeout=seconds)
    for lane in late:
        log.warning("Jobs of the queue %s were left in hand.", lane.get_name())
    return not late


async def _pause(stopped: asyncio.Event) -> None:
    seconds = random.uniform(*PAUSE)  # noqa: S311  # to spread the load, no secret
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except TimeoutError:
        return
