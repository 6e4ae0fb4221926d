"""Reports the accounts that nobody has used for 90 days or authorized for 30, and deletes them if told to.

    VALETKEY_URL=… VALETKEY_API_TOKEN=… python tidy_up.py [--delete]
"""

import asyncio
import os
import sys

from valetkey import AsyncAgentConnect

POLICY = {"unused_days": 90, "pending_days": 30}


async def main(delete: bool) -> None:
    url, token = os.environ["VALETKEY_URL"], os.environ["VALETKEY_API_TOKEN"]
    async with AsyncAgentConnect(url, api_token=token) as agent_connect:
        report = await agent_connect.cleanup.report(POLICY)
        found = [candidate async for candidate in report.all()]
        for candidate in found:
            if candidate.account:
                print(f"{candidate.account.id} {candidate.rule} since {candidate.since}")
        if delete and found:
            ids = [candidate.account.id for candidate in found if candidate.account]
            results = await agent_connect.cleanup.run(POLICY, ids, "delete")
            print(f"{results.operation.succeeded} deleted, {len(results.failed)} left as they are")


if __name__ == "__main__":
    asyncio.run(main("--delete" in sys.argv[1:]))
