/** Headless Chromium that trusts the test servers' keys and nothing else beyond the public authorities. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';

import { type Browser, chromium } from 'playwright-core';

import { BRIEF_URL, SERVER_URL } from './clients.ts';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function launch(): Promise<Browser> {
  const pins = await Promise.all([SERVER_URL, BRIEF_URL].map(keyPin));
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: ['--no-sandbox', `--ignore-certificate-errors-spki-list=${pins.join(',')}`],
  });
}

/** SHA-256 of the public key that a server proves to own, after Node has checked its certificate. */
async function keyPin(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), servername: hostname });
  await once(socket, 'secureConnect');
  const key = socket.getPeerX509Certificate()!.publicKey.export({ type: 'spki', format: 'der' });
  socket.end();
  return createHash('sha256').update(key).digest('base64');
}
