/** What a person does on the pages, by the words that the pages show. */
import type { Page } from 'playwright-core';

export const CALLBACK = /\/sso\/v1\/oauth\/[^/]+\/callback\?/;

/** The heading of the page, as soon as it is this one. */
export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Presses the one button that goes on, and waits for the page of the test provider. */
export async function continueToProvider(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Continue to / }).click();
  await page.getByRole('button', { name: 'Approve' }).waitFor();
}

/** Answers the test provider. */
export async function approve(page: Page, user = 'alice'): Promise<void> {
  await page.getByRole('radio', { name: new RegExp(user, 'i') }).check();
  await page.getByRole('button', { name: 'Approve' }).click();
}

export async function deny(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Deny' }).click();
}

/** Opens a link and takes every step until the browser is back from the provider. */
export async function connectAs(page: Page, link: string, user = 'alice'): Promise<void> {
  await page.goto(link);
  await continueToProvider(page);
  const provider = new URL(page.url()).origin;
  await approve(page, user);
  await page.waitForURL((url) => url.origin !== provider && !CALLBACK.test(url.href));
  await page.waitForLoadState();
}

/** Opens a link and approves, but stops the browser on its way back. Returns the address it was sent to. */
export async function interceptCallback(page: Page, link: string, user = 'alice'): Promise<string> {
  let address: string | undefined;
  await page.goto(link);
  await continueToProvider(page);
  const { origin } = new URL(page.url());
  await page.route(`${origin}/**`, async (route) => {
    const answer = await route.fetch({ maxRedirects: 0 });
    address = answer.headers().location;
    await route.fulfill({ contentType: 'text/html', body: '<!doctype html><html lang="en"><h1>Held</h1>' });
  });
  await approve(page, user);
  await heading(page, 'Held');
  await page.unrouteAll();
  if (!address || !CALLBACK.test(address)) {
    throw new Error(`the provider sent the browser to ${address}`);
  }
  return address;
}
