/** `approve.ts LINK USER`: opens a link in a browser, consents as a user of the test provider, says where that ended. */
import { launch } from '../support/browser.ts';
import { connectAs } from '../support/pages.ts';

const [link, user] = process.argv.slice(2);
if (!link || !user) {
  throw new Error('usage: approve.ts LINK USER');
}
const browser = await launch();
try {
  const page = await browser.newPage();
  await connectAs(page, link, user);
  console.log(`landed on ${page.url()}`);
} finally {
  await browser.close();
}
