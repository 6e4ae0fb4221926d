// What this package has to do with of the server's OpenAPI document, and of the files that it is made of.
import { readdirSync, readFileSync } from 'node:fs';

const repository = new URL('../../../', import.meta.url);

/** The document that `/openapi.json` serves. */
export const document = JSON.parse(readFileSync(new URL('docs/openapi.json', repository), 'utf8'));

/** The codes that a page of the documentation describes, one for each. */
export const errorCodes = readdirSync(new URL('docs/errors/', repository))
  .filter((name) => /^[A-Z0-9_]+\.md$/.test(name) && name !== 'README.md')
  .map((name) => name.slice(0, -3))
  .sort();

/** The operations of the accounts API, by the name of their RPC. */
export function operations() {
  const found = Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/v1/connect/'))
    .flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));
  return found.map(({ path, method, operation }) => {
    const name = operation.operationId.replace(/^\w+?Service_/, '');
    const description = operation.description ?? '';
    return { name, description, path, method: method.toUpperCase(), ...request(name, operation), answer: answer(operation) };
  });
}

/**
 * The request as one object schema: variables of the path, the query, and the fields of the body; and whether it may
 * come with an idempotency key.
 */
function request(name, { parameters: all = [], requestBody }) {
  const parameters = all.filter((parameter) => parameter.in !== 'header');
  const hasKey = all.some((parameter) => parameter.in === 'header' && parameter.name === 'Idempotency-Key');
  const body = requestBody?.content['application/json'].schema;
  const fields = body?.$ref ? document.components.schemas[nameOf(body)] : body;
  const named = (place) => parameters.filter((parameter) => parameter.in === place).map((parameter) => parameter.name);
  const places = { path: named('path'), query: named('query'), body: Object.keys(fields?.properties ?? {}) };
  if (body?.$ref) {
    return { request: nameOf(body), places, hasKey };
  }
  const given = parameters.map((parameter) => [parameter.name, propertyOf(parameter)]);
  const schema = {
    description: `Request of ${name}.`,
    properties: { ...Object.fromEntries(given), ...body?.properties },
    required: [...parameters.filter(({ required }) => required).map(({ name }) => name), ...(body?.required ?? [])],
  };
  return { request: `${name}Request`, places, hasKey, schema };
}

/** A parameter as a property; the query takes one value for a list of one. */
function propertyOf({ in: place, schema, description }) {
  return { ...schema, description, isQuery: place === 'query' };
}

function answer({ responses }) {
  return nameOf(responses['200'].content['application/json'].schema);
}

/** The name of the component that a schema refers to. */
export const nameOf = ({ $ref }) => $ref.slice('#/components/schemas/'.length);

/**
 * The fields that an answer may lack: those declared `optional`. The document does not tell them from those that are
 * always there; the declarations do.
 */
export function optionalFields() {
  const directory = new URL('proto/valetkey/v1/', repository);
  const found = new Set();
  for (const name of readdirSync(directory)) {
    let message;
    for (const line of readFileSync(new URL(name, directory), 'utf8').split('\n')) {
      message = /^message (\w+)/.exec(line)?.[1] ?? message;
      const field = /^ {2}optional \S+ (\w+) = /.exec(line)?.[1];
      if (field) {
        found.add(`${message}.${field}`);
      }
    }
  }
  return found;
}
