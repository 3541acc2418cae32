import { isCoded } from '../../kernel/errors.ts';
import type { Tx } from '../../platform/db/index.ts';
import type { EnteVault } from '../../platform/secrets/index.ts';
import { type Ente, type Office, officeOf } from '../creditors/index.ts';
import { displayName, loadPersons, type Personal } from '../debtors/index.ts';
import { messageValues, previewValues } from './message-values.ts';
import { renderMessage } from './render-message.ts';

type Words = { readonly subject: string; readonly body: string };

/** `code` is the one of the error that keeps the text from being made. */
export type MessagePreview =
  | { readonly kind: 'text'; readonly subject: string; readonly body: string }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** As long as those of a message: what a text is billed for counts them. They open nothing. */
const LINK_TOKEN = `1-${'x'.repeat(22)}`;

/** A text as an invented person would read it, with the body's own names in it. */
export function previewMessage(ente: Ente, office: Office, template: Words): MessagePreview {
  const values = previewValues(ente, office);
  const [open, optOut] = [values.collegamento, values.rinuncia].map(
    (url) => `${url.replace(/[^/]*$/, '')}${LINK_TOKEN}`,
  );
  return made(template, { ...values, collegamento: open, rinuncia: optOut }, '');
}

/** A text as these people would read it; links are invented, so that looking at an example opens no door to anybody. */
export async function previewFor(
  tx: Tx,
  vault: EnteVault,
  ente: Ente,
  portalUrl: string,
  people: readonly { readonly debtorId: string; readonly officeId: number }[],
  template: Words,
): Promise<{ readonly debtorId: string; readonly personal: Personal; readonly text: MessagePreview }[]> {
  const persons = await loadPersons(
    tx,
    vault,
    people.map((one) => one.debtorId),
  );
  return people.flatMap(({ debtorId, officeId }) => {
    const person = persons.get(debtorId);
    if (person === undefined) return [];
    const name = displayName(person.personal);
    const links = { open: `${portalUrl}/l/${LINK_TOKEN}`, optOut: `${portalUrl}/o/${LINK_TOKEN}` };
    const values = messageValues(ente, officeOf(ente, officeId), name, links);
    return [{ debtorId, personal: person.personal, text: made(template, values, name) }];
  });
}

function made(template: Words, values: object, personName: string): MessagePreview {
  try {
    const { subject, body, problem } = renderMessage(template, values, personName);
    // What a text says by itself is told by `checkTemplate`, all of it; a person's own values may bring in more.
    if (problem === null || personName === '') return { kind: 'text', subject, body };
    return { kind: 'refused', code: problem.code, message: problem.message };
  } catch (error) {
    if (!isCoded(error)) throw error;
    return { kind: 'refused', code: error.code, message: error.message };
  }
}
