// Where the files of this package are.
import { fileURLToPath } from 'node:url';

/** The path of a file of this package. */
export const file = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
