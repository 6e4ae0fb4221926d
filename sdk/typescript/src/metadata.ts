import type { Json, JsonObject } from './operation.js';

/** Metadata that an account must have, as the list takes it: `path=value`, with dots between the keys of objects. */
export function metadataTerms(
  wanted: JsonObject | string | readonly string[] | undefined,
): readonly string[] | undefined {
  if (typeof wanted === 'string') {
    return [wanted];
  }
  return wanted === undefined || isList(wanted) ? wanted : terms('', wanted);
}

function terms(prefix: string, wanted: JsonObject): string[] {
  return Object.entries(wanted).flatMap(([key, value]) =>
    isObject(value) ? terms(`${prefix}${key}.`, value) : [`${prefix}${key}=${String(value)}`],
  );
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` does not know arrays that cannot be changed. */
function isList(value: JsonObject | readonly string[]): value is readonly string[] {
  return Array.isArray(value);
}
