/** A user who follows links in a browser. */
import type { Browser } from 'playwright-core';

import { launch } from './browser.ts';
import { connectAs, heading } from './pages.ts';

export class User {
  private constructor(private readonly browser: Browser) {}

  static async arrive(): Promise<User> {
    return new User(await launch());
  }

  async leave(): Promise<void> {
    await this.browser.close();
  }

  /** Opens a link and consents. */
  async consent(link: string): Promise<void> {
    const page = await this.browser.newPage();
    await connectAs(page, link);
    await heading(page, /is connected$/);
    await page.close();
  }
}
