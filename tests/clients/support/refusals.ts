/** Errors of the SDK, read the way an application does that goes beyond their classes. */
import assert from 'node:assert/strict';

import type { ScalekitServerException } from '@scalekit-sdk/node';

type Kind<T> = new (...given: any[]) => T;

/** The error of a call that must fail with exactly this class. */
export async function refused<T extends ScalekitServerException>(kind: Kind<T>, call: Promise<unknown>): Promise<T> {
  const error = await call.then(() => assert.fail(`${kind.name} expected`), (caught) => caught);
  assert.equal(error?.constructor, kind, `${error?.constructor?.name} instead of ${kind.name}: ${error}`);
  return error;
}

/** The field violations of an error as pairs of field and constraint. */
export function violations(error: ScalekitServerException): string[][] {
  const found = error.unpackedDetails[0].validationErrorInfo?.fieldViolations ?? [];
  assert.ok(found.every(({ description }) => description));
  return found.map(({ field, constraint }) => [field, constraint]);
}
