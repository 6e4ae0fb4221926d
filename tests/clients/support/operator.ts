/** What the operator of the main server and of the test provider does. */
import { execFileSync } from 'node:child_process';

import { PROVIDER_URL, variable } from './clients.ts';

/** Runs `valetkey ARGUMENTS` on the data of the main server and returns what it prints. */
export function operator(...given: string[]): string {
  const place = JSON.parse(variable('VALETKEY_TEST_PLACE')) as string[];
  return execFileSync(variable('VALETKEY_TEST_BINARY'), [...given, ...place], { encoding: 'utf8', stdio: 'pipe' });
}

/** Lets the test provider do these things wrong, as its control API names them, while `work` is done. */
export async function whileProviderMisbehaves<T>(misbehaviours: unknown[], work: () => Promise<T>): Promise<T> {
  await misbehave(misbehaviours);
  try {
    return await work();
  } finally {
    await misbehave([]);
  }
}

async function misbehave(misbehaviours: unknown[]): Promise<void> {
  const { ok, status } = await fetch(`${PROVIDER_URL}/_control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ misbehave: misbehaviours }),
  });
  if (!ok) {
    throw new Error(`the test provider does not do ${JSON.stringify(misbehaviours)}: ${status}`);
  }
}
