/** The documentation that a server has at /docs, as people read it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Browser } from 'playwright-core';

import { launch } from '../support/browser.ts';
import { SERVER_URL } from '../support/clients.ts';
import { heading } from '../support/pages.ts';
import { Visitor } from '../support/visitor.ts';

const PHONE = { viewport: { width: 390, height: 844 } };
/** A page of each kind, and those with the widest tables. */
const PAGES = [
  'docs',
  'docs/tutorial/first-call',
  'docs/how-to/operate',
  'docs/explanation/security',
  'docs/reference/api',
  'docs/reference/api/scalekit-connected-account',
  'docs/reference/connectors/gmail',
  'docs/reference/states',
  'docs/reference/command-line',
  'docs/errors/SCOPE_MISSING',
];

let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const [device, options] of [['desktop', { viewport: { width: 1280, height: 900 } }], ['phone', PHONE]] as const) {
  test(`on a ${device} pages of every kind can be read by everybody, without script`, async () => {
    const person = await Visitor.arrive(browser, options);
    for (const path of PAGES) {
      const response = await person.page.goto(`${SERVER_URL}/${path}`);
      assert.equal(response!.status(), 200, path);
      assert.equal(await person.page.locator('script').count(), 0, path);
      await person.inspect(`${path.replaceAll('/', '-')}-${device}`);
    }
    await person.leave();
  });
}

test('a reader goes from the index to a page, to a part of it, to its Markdown and back', async () => {
  const person = await Visitor.arrive(browser, { viewport: { width: 1280, height: 900 } });
  const { page } = person;
  await page.goto(`${SERVER_URL}/docs`);
  await page.getByRole('navigation', { name: 'All pages' }).getByRole('link', { name: 'Operate' }).click();
  await heading(page, 'Operate');
  const current = page.getByRole('navigation', { name: 'All pages' }).locator('[aria-current]');
  assert.equal(await current.innerText(), 'Operate');
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'By state' }).click();
  assert.ok(await page.getByRole('heading', { name: 'By state' }).isVisible());
  assert.ok(page.url().endsWith('/docs/how-to/operate#by-state'));
  const path = await page.getByRole('link', { name: 'This page as Markdown' }).getAttribute('href');
  const answer = await page.request.get(new URL(path!, SERVER_URL).href);
  assert.equal(answer.headers()['content-type'], 'text/markdown; charset=utf-8');
  assert.match(await answer.text(), /^# Operate\n/);
  await page.getByRole('link', { name: 'Valetkey documentation' }).click();
  await heading(page, 'Valetkey');
  await person.leave();
});

test('an address without a page says so', async () => {
  const person = await Visitor.arrive(browser);
  const response = await person.page.goto(`${SERVER_URL}/docs/nothing`);
  assert.equal(response!.status(), 404);
  await heading(person.page, 'Page not found');
  await person.inspect('docs-missing');
  await person.leave();
});
