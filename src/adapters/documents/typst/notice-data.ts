import { sha256Hex } from '../../../kernel/hash.ts';
import {
  NOTICE_WORDS,
  type NoticeDocument,
  type NoticeLanguage,
  type NoticeLogo,
  SLIP_WORDS,
} from '../../../modules/payments/document/document.port.ts';
import { howMuch } from './how-much.ts';
import { planPages } from './page-plan.ts';
import { partData } from './payment-data.ts';
import type { Printable } from './printable.ts';
import { fixedWords, type Said, type Speaker, speaker } from './said.ts';

/** What the templates read: a JSON document, and the pictures that it names. */
export interface NoticeInput {
  readonly json: string;
  /** By file name. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
}

/** Of contacts: a site or an address broken in the middle could not be copied any more. */
const CONTACTS_RUN = 48;

/** Everything that a file of notices says and shows; the templates only lay it out. */
export function noticeInput(documents: readonly NoticeDocument[], printable: Printable): NoticeInput {
  const pictures = new Map<string, Uint8Array>();
  const words: Record<string, Record<string, Said>> = {};
  const notices = documents.map((document) => {
    const languages: NoticeLanguage[] = ['it', ...(document.secondLanguage === null ? [] : [document.secondLanguage])];
    const say = speaker(languages);
    const key = languages.join(' ');
    words[key] ??= fixedWords(say);
    return { words: key, ...noticeData(document, say, printable, pictures) };
  });
  const [first] = documents;
  const title = documents.length === 1 && first ? `${NOTICE_WORDS.it.notice}: ${first.subject}` : 'Avvisi di pagamento';
  return { json: JSON.stringify({ title, words, slip: SLIP_WORDS, notices }), pictures };
}

function noticeData(
  document: NoticeDocument,
  say: Speaker,
  printable: Printable,
  pictures: Map<string, Uint8Array>,
): Record<string, unknown> {
  const { creditor, addressee } = document;
  const shown = (text: string | null) => (text === null ? null : printable(text));
  return {
    subject: printable(document.subject),
    creditor: {
      name: printable(creditor.name),
      office: shown(creditor.office),
      contacts: creditor.contacts === null ? null : printable(creditor.contacts, CONTACTS_RUN),
      fiscalCode: creditor.fiscalCode,
      cbill: shown(creditor.cbill),
      logo:
        creditor.logo === null ? null : { path: keepPicture(creditor.logo, pictures), alt: `Logo di ${creditor.name}` },
    },
    addressee: {
      name: printable(addressee.name),
      address: shown(addressee.address),
      fiscalCode: shown(addressee.fiscalCode),
    },
    howMuch: howMuch(document, say),
    channels: channels(document, say, printable),
    pages: planPages(document).map((parts) => parts.map((part) => partData(part, document, say, printable))),
  };
}

/** The same picture on many notices is one file. */
function keepPicture({ format, bytes }: NoticeLogo, pictures: Map<string, Uint8Array>): string {
  const path = `${sha256Hex(bytes).slice(0, 16)}.${format}`;
  pictures.set(path, bytes);
  return path;
}

const ONLINE = { none: 'online', site: 'onlineSite', app: 'onlineApp', siteAndApp: 'onlineSiteAndApp' } as const;

function channels({ creditor }: NoticeDocument, say: Speaker, printable: Printable): { title: Said; text: Said }[] {
  const { counter } = creditor;
  return [
    { title: say('onlineTitle'), text: say(ONLINE[creditor.online], { creditor: printable(creditor.name) }) },
    {
      title: say('placesTitle'),
      text: counter === null ? say('places') : say('placesAndCounter', { counter: printable(counter) }),
    },
  ];
}
