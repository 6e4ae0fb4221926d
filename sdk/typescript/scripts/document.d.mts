/** An operation of the accounts API; `places` says where the fields of its request stand. */
export function operations(): {
  name: string;
  description: string;
  method: string;
  path: string;
  request: string;
  answer: string;
  hasKey: boolean;
  places: Record<'path' | 'query' | 'body', string[]>;
}[];
