import { makeBrowser } from '../citizens/browser.ts';
import { makeHttpClient } from '../http-client.ts';

export type IdpChoice = { readonly codiceFiscale: string; readonly level?: '1' | '2' | '3' } | 'cancel';

/**
 * Sits before the identity provider's page: chooses a person, or gives up. Returns where the provider sends the browser
 * back; throws when it shows a page of its own instead.
 */
export async function passIdp(url: string, choice: IdpChoice, realNow: () => number): Promise<string> {
  const { origin } = new URL(url);
  const client = makeHttpClient({ url: origin });
  try {
    const browser = makeBrowser(client, origin, realNow);
    const page = await browser.get(url);
    if (page.leftTo !== null) return page.leftTo;
    const form = page.form(/\/interaction\//);
    if (page.status !== 200 || form === null) throw new Error(`the identity provider answered ${page.status}`);
    const fields =
      choice === 'cancel'
        ? { azione: 'annulla' }
        : { azione: 'entra', codiceFiscale: choice.codiceFiscale, livello: choice.level ?? '2' };
    const done = await browser.submit(form, fields);
    if (done.leftTo === null) throw new Error(`the identity provider answered ${done.status} and did not lead back`);
    return done.leftTo;
  } finally {
    client.close();
  }
}
