/** A person with a browser of their own, whose pages must stay without errors and without third parties. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core';

import { BRIEF_URL, PROVIDER_URL, SERVER_URL } from './clients.ts';

const SCREENSHOTS = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
const GRAVE = ['serious', 'critical'];

export interface VisitorOptions extends BrowserContextOptions {
  /** Origins beyond the servers under test that pages may talk to: that of the application. */
  origins?: string[];
}

export class Visitor {
  private readonly troubles: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly origins: string[],
  ) {
    context.on('console', (message) => this.hear(message));
    context.on('weberror', (error) => this.troubles.push(`script error: ${error.error().message}`));
    context.on('request', (request) => {
      if (!this.origins.includes(new URL(request.url()).origin)) {
        this.troubles.push(`request to a third party: ${request.url()}`);
      }
    });
  }

  static async arrive(browser: Browser, { origins = [], ...options }: VisitorOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1024, height: 900 }, ...options });
    context.setDefaultTimeout(15_000);
    const known = [SERVER_URL, BRIEF_URL, PROVIDER_URL, ...origins].map((url) => new URL(url).origin);
    return new Visitor(context, await context.newPage(), known);
  }

  /** Ends the visit. Fails if a page broke its own policy, logged an error or called a third party. */
  async leave(): Promise<void> {
    await this.context.close();
    assert.deepEqual(this.troubles, []);
  }

  /** Keeps a picture of the page, and fails if people with disabilities or a small screen cannot use it. */
  async inspect(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const colorScheme of ['dark', 'light'] as const) {
      await this.page.emulateMedia({ colorScheme });
      assert.deepEqual(await graveFindings(this.page), [], `${name}, ${colorScheme}`);
    }
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
    const { width, shown } = await this.page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      shown: document.documentElement.clientWidth,
    }));
    assert.ok(width <= shown, `${name} is ${width} pixels wide on a screen of ${shown}`);
  }

  /** A page that answers with an error status is not an error of the page, nor is a test site without an icon. */
  private hear(message: ConsoleMessage): void {
    if (message.type() !== 'error') {
      return;
    }
    const { url } = message.location();
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status of');
    const isForeignIcon = url.endsWith('/favicon.ico') && !url.startsWith(SERVER_URL);
    if (!isStatus || !(isForeignIcon || url === message.page()?.url())) {
      this.troubles.push(`console: ${message.text()} (${url})`);
    }
  }
}

async function graveFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations
    .filter(({ impact }) => impact && GRAVE.includes(impact))
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}
