"""What waiting means with and without coroutines."""

import asyncio
import threading
import time

AsyncLock = asyncio.Lock
SyncLock = threading.Lock
async_sleep = asyncio.sleep
sync_sleep = time.sleep
