/** Fields of answers that hold a message and are always set, by the name of the type. */
export const always: Record<string, string[]>;
