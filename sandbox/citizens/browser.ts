import { type HTMLElement, parse } from 'node-html-parser';
import { wordsOf } from '../disclosure.ts';
import type { HttpAnswer, HttpClient } from '../http-client.ts';

/** A form as a person sees it: where it goes and what its hidden fields hold. */
export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Choices of its radio buttons, by name. */
  readonly choices: ReadonlyMap<string, readonly string[]>;
  /** `name` and `value` of its submit buttons, by visible text. */
  readonly buttons: readonly { readonly text: string; readonly name: string; readonly value: string }[];
}

export interface Page {
  /** Of the last answer. */
  readonly status: number;
  /** Path of the last answer, without its query. */
  readonly path: string;
  /** Its query, with the question mark, or ''. */
  readonly search: string;
  readonly html: string;
  /** Status of the first answer, before redirects were followed, and the instant at which it came. */
  readonly firstStatus: number;
  readonly answeredAt: number;
  /** Set when a redirect led to another site, which is not followed. */
  readonly leftTo: string | null;
  /** Path of the first link whose target matches. */
  link(href: RegExp): string | null;
  links(href: RegExp): readonly string[];
  form(action: RegExp): Form | null;
  /** Title and main content, as words. */
  words(): string;
}

/** A person's browser without JavaScript: cookies, redirects, links and forms. */
export interface Browser {
  get(pathOrUrl: string): Promise<Page>;
  submit(form: Form, fields: Readonly<Record<string, string>>): Promise<Page>;
  /** POST without a form, as a mail program does (RFC 8058). */
  post(pathOrUrl: string, body: string): Promise<Page>;
}

const MAX_REDIRECTS = 6;

export function makeBrowser(client: HttpClient, origin: string, realNow: () => number): Browser {
  const cookies = new Map<string, string>();

  function keepCookies(answer: HttpAnswer): void {
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = line.split(';');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim();
      const gone = attributes.some((attribute) => {
        const [key = '', value = ''] = attribute.trim().split('=');
        return (
          (/^max-age$/i.test(key) && Number(value) <= 0) || (/^expires$/i.test(key) && Date.parse(value) < 86_400_000)
        );
      });
      if (gone) cookies.delete(name);
      else cookies.set(name, pair.slice(at + 1).trim());
    }
  }

  async function send(method: 'GET' | 'POST', pathOrUrl: string, body: string | null, site: string): Promise<Page> {
    let url = new URL(pathOrUrl, origin);
    let answer: HttpAnswer | null = null;
    let first: { status: number; at: number } | null = null;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      if (url.origin !== origin) return makePage(answer, url, first, url.href);
      const headers: Record<string, string> = { host: url.host, accept: 'text/html', 'accept-language': 'it' };
      if (cookies.size > 0) headers.cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      if (hop === 0 && body !== null) {
        headers['content-type'] = 'application/x-www-form-urlencoded';
        headers['sec-fetch-site'] = site;
        if (site === 'same-origin') headers.origin = origin;
      }
      const path = url.pathname + url.search;
      answer = await client.send(
        hop === 0 && body !== null ? { method, path, headers, body } : { method: 'GET', path, headers },
      );
      keepCookies(answer);
      first ??= { status: answer.status, at: realNow() };
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status > 399 || location === undefined) break;
      url = new URL(location, url);
    }
    return makePage(answer, url, first, null);
  }

  return {
    get: (pathOrUrl) => send('GET', pathOrUrl, null, 'none'),
    submit: (form, fields) =>
      send('POST', form.action, new URLSearchParams({ ...form.fields, ...fields }).toString(), 'same-origin'),
    post: (pathOrUrl, body) => send('POST', pathOrUrl, body, 'cross-site'),
  };
}

function makePage(
  answer: HttpAnswer | null,
  url: URL,
  first: { status: number; at: number } | null,
  leftTo: string | null,
): Page {
  const html = answer?.body ?? '';
  const path = url.pathname;
  let parsed: HTMLElement | null = null;
  const root = (): HTMLElement => {
    parsed ??= parse(html);
    return parsed;
  };
  const links = (href: RegExp): readonly string[] =>
    root()
      .querySelectorAll('a')
      .map((a) => a.getAttribute('href') ?? '')
      .filter((target) => href.test(target));
  return {
    status: answer?.status ?? 0,
    path,
    search: url.search,
    html,
    firstStatus: first?.status ?? 0,
    answeredAt: first?.at ?? 0,
    leftTo,
    links,
    link: (href) => links(href)[0] ?? null,
    form(action) {
      const found = root()
        .querySelectorAll('form')
        .find((form) => action.test(form.getAttribute('action') ?? path));
      return found ? readForm(found, path) : null;
    },
    words() {
      const main = root().querySelector('main') ?? root().querySelector('body');
      return wordsOf(`${root().querySelector('title')?.outerHTML ?? ''} ${main?.outerHTML ?? html}`);
    },
  };
}

function readForm(form: HTMLElement, path: string): Form {
  const fields: Record<string, string> = {};
  const choices = new Map<string, string[]>();
  for (const input of form.querySelectorAll('input')) {
    const name = input.getAttribute('name') ?? '';
    const value = input.getAttribute('value') ?? '';
    const type = input.getAttribute('type') ?? 'text';
    if (type === 'hidden') fields[name] = value;
    if (type === 'radio') choices.set(name, [...(choices.get(name) ?? []), value]);
  }
  const buttons = form.querySelectorAll('button').map((button) => ({
    text: button.text.trim(),
    name: button.getAttribute('name') ?? '',
    value: button.getAttribute('value') ?? '',
  }));
  return { action: form.getAttribute('action') ?? path, fields, choices, buttons };
}

/** A path without what makes it one person's: tokens, ids, numbers. */
export function anonymousPath(path: string): string {
  return path
    .replace(/^(\/[lo])\/.+/, '$1/:token')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27,}/gi, ':id')
    .replace(/\/(?=[^/]*\d)[A-Za-z0-9_-]{6,}/g, '/:id');
}
