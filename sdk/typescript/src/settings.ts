import type { AccountSettings, UpdateSettingsRequest } from './generated/schemas.js';

/** Settings to change: a value, or null for the default. */
export type SettingsChanges = { [Name in keyof AccountSettings]: AccountSettings[Name] | null };

/** Changes as the server takes them: values, and the names of those that get their default back. */
export function settingsOf(changes: SettingsChanges): Pick<UpdateSettingsRequest, 'settings' | 'unset'> {
  const names = Object.keys(changes) as (keyof SettingsChanges)[];
  const unset = names.filter((name) => changes[name] === null);
  const given = names.filter((name) => changes[name] !== null).map((name) => [name, changes[name]]);
  return { settings: Object.fromEntries(given), ...(unset.length > 0 && { unset }) };
}
