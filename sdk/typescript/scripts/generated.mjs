// The text of the files in src/generated.
import { always } from './always.mjs';
import { document, errorCodes, nameOf, operations, optionalFields } from './document.mjs';

const HEAD = '// Written by `npm run generate` from the API of the server. Do not edit.\n';
/** Fields with the states of accounts, which only the filter of the list enumerates. */
const OF_STATES = {
  'Account.status': 'AccountState',
  'AccountStatus.status': 'AccountState',
  'ListAccountsRequest.status': 'AccountState | readonly AccountState[]',
};

/** The files by their path. */
export function generated() {
  const all = operations();
  return {
    'src/generated/operations.ts': operationsFile(all),
    'src/generated/schemas.ts': schemasFile(all),
    'src/generated/error_codes.ts': errorCodesFile(),
  };
}

function operationsFile(all) {
  const types = [...new Set(all.flatMap(({ request, answer }) => [request, answer]))].sort();
  const constants = all.map(({ name, description, method, path, hasKey, request, answer }) => {
    const type = `Operation<types.${request}, types.${answer}>`;
    const constant = name[0].toLowerCase() + name.slice(1);
    const facts = `name: '${name}', method: '${method}', path: '${path}', hasKey: ${hasKey}`;
    return `${comment(description)}export const ${constant}: ${type} = {\n  ${facts},\n};\n`;
  });
  return [HEAD, `import type { Operation } from '../operation.js';\nimport type * as types from './schemas.js';\n`, ...constants].join('\n');
}

function schemasFile(all) {
  const answers = reachable(all.map(({ answer }) => answer));
  answers.add('ErrorAnswer');
  const requests = reachable(all.map(({ request, schema }) => schema ?? request));
  const made = new Map(all.filter(({ schema }) => schema).map(({ request, schema }) => [request, schema]));
  for (const name of [...answers, ...requests]) {
    made.set(name, document.components.schemas[name]);
  }
  const optional = optionalFields();
  const texts = [...made].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, schema]) => {
    return schema.enum ? union(name, schema.description, schema.enum) : structure(name, schema, { isAnswer: answers.has(name), optional });
  });
  const states = made.get('ListAccountsRequest').properties.status.items.enum;
  const head = [HEAD, `import type { JsonObject } from '../operation.js';\n`];
  return [...head, union('AccountState', 'The states of an account.', states), ...texts].join('\n');
}

function errorCodesFile() {
  const description = 'The codes that the documentation describes, with what to do about each.';
  return [HEAD, union('ErrorCode', description, errorCodes)].join('\n');
}

/** The components that schemas lead to, given by name or as they are. */
function reachable(roots) {
  const found = new Set();
  const visit = (value) => {
    if (typeof value === 'string') {
      if (!found.has(value)) {
        found.add(value);
        visit(document.components.schemas[value]);
      }
    } else if (value && typeof value === 'object') {
      Object.entries(value).forEach(([key, inner]) => (key === '$ref' ? visit(nameOf(value)) : typeof inner === 'object' && visit(inner)));
    }
  };
  roots.forEach(visit);
  return found;
}

function union(name, description, values) {
  return `${comment(description)}export type ${name} =\n${values.map((value) => `  | '${value}'`).join('\n')};\n`;
}

function structure(name, { description, properties = {}, required = [] }, { isAnswer, optional }) {
  const fields = Object.entries(properties).map(([field, schema]) => {
    const isSet = always[name]?.includes(field) || (!optional.has(`${name}.${field}`) && !isMessage(schema));
    const isThere = isAnswer ? isSet : required.includes(field);
    const type = OF_STATES[`${name}.${field}`] ?? typeOf(schema, isAnswer);
    return `${comment(schema.description, '  ')}  ${field}${isThere ? '' : '?'}: ${type};`;
  });
  return `${comment(description)}export interface ${name} {\n${fields.join('\n')}${fields.length ? '\n' : ''}}\n`;
}

/** Whether the value is a message: those are left out of an answer where they are not set. */
function isMessage(schema) {
  if (schema.$ref) {
    return !document.components.schemas[nameOf(schema)].enum;
  }
  return schema.format === 'date-time' || (schema.type === 'object' && !schema.additionalProperties);
}

function typeOf(schema, isAnswer) {
  if (schema.$ref) {
    return nameOf(schema);
  }
  if (schema.enum) {
    return schema.enum.map((value) => `'${value}'`).join(' | ');
  }
  switch (schema.type) {
    case 'array':
      return list(typeOf(schema.items, isAnswer), schema.isQuery, isAnswer);
    case 'object':
      return schema.additionalProperties ? `Record<string, ${typeOf(schema.additionalProperties, isAnswer)}>` : 'JsonObject';
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'number':
      return 'number';
    default:
      return schema.format === 'date-time' && !isAnswer ? 'Date | string' : 'string';
  }
}

/** In a query, one value stands for a list of one. */
function list(item, isQuery, isAnswer) {
  const items = `${isAnswer ? '' : 'readonly '}${grouped(item)}[]`;
  return isQuery ? `${item} | ${items}` : items;
}

const grouped = (type) => (type.includes(' ') ? `(${type})` : type);

/** A doc comment of the width that the sources have. */
function comment(text, indent = '') {
  const lines = (text ?? '').trim().split('\n').flatMap((line) => wrapped(line.trim(), 116 - indent.length));
  if (!lines[0]) {
    return '';
  }
  return lines.length === 1 && lines[0].length <= 112 - indent.length
    ? `${indent}/** ${lines[0]} */\n`
    : `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}

function wrapped(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const longer = [lines.at(-1), word].filter(Boolean).join(' ');
    longer.length > width ? lines.push(word) : (lines[lines.length - 1] = longer);
  }
  return lines;
}
