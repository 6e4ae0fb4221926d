/** The path of a file of this package. */
export function file(path: string): string;
