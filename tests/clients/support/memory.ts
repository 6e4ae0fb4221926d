/** How much memory the server needs for a while, as the kernel counts it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

import { variable } from './clients.ts';

/** How much more than before a transfer may take at any moment, whatever its size, in MB. */
const ALLOWED = 40;

/** Fails where the server needs much more memory while `work` is done; tells how much in any case. */
export async function withFlatMemory<T>(what: string, work: () => Promise<T>): Promise<T> {
  // The most so far is counted anew from here (proc_pid_clear_refs(5)).
  writeFileSync(`/proc/${variable('VALETKEY_TEST_PID')}/clear_refs`, '5');
  const before = megabytes('VmRSS');
  const done = await work();
  const [most, after] = [megabytes('VmHWM'), megabytes('VmRSS')];
  const [was, top, is] = [before, most, after].map((figure) => figure.toFixed(1));
  console.log(`${what}: the server had ${was} MB before, ${top} MB at most, ${is} MB after`);
  assert.ok(most - before < ALLOWED);
  return done;
}

/** VmRSS is what the server's process has in memory now, VmHWM the most it has had. */
function megabytes(name: string): number {
  const status = readFileSync(`/proc/${variable('VALETKEY_TEST_PID')}/status`, 'utf8');
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) / 1024;
}
