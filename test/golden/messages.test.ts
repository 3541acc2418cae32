import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { disclosures } from '../../sandbox/disclosure.ts';
import { codeMessage } from '../../src/modules/conversations/code-message.ts';
import { DEFAULT_TEMPLATES } from '../../src/modules/notices/default-templates.ts';
import { renderTemplate } from '../../src/modules/notices/liquid.ts';
import { sampleValues } from '../../src/modules/notices/message-values.ts';
import { checkTemplate } from '../../src/modules/notices/text-rules.ts';
import { textToHtml } from '../../src/modules/notices/text-to-html.ts';

/** Every word that people get by e-mail, to be read by a person when it changes: UPDATE_GOLDEN=1 npx vitest run test/golden */
const FOLDER = fileURLToPath(new URL('./messages/', import.meta.url));

const rendered = DEFAULT_TEMPLATES.map(({ code, subject, body }) => {
  const values = sampleValues();
  const line = renderTemplate(subject, values).trim();
  const text = renderTemplate(body, values);
  return { code, subject: line, text, html: textToHtml(line, text) };
});
const code = codeMessage(sampleValues().ente.nome, '012345', 'email');
const files = new Map<string, string>([
  ...rendered.flatMap(({ code: name, subject, text, html }): [string, string][] => [
    [`${name}.txt`, `Oggetto: ${subject}\n\n${text}`],
    [`${name}.html`, html],
  ]),
  ['codice.txt', `Oggetto: ${code.subject}\n\n${code.text}`],
]);

describe('the messages', () => {
  beforeAll(() => {
    if (process.env.UPDATE_GOLDEN !== '1') return;
    mkdirSync(FOLDER, { recursive: true });
    for (const [name, content] of files) writeFileSync(`${FOLDER}${name}`, content);
  });

  it('are all on record, and nothing else is', () => {
    expect(readdirSync(FOLDER).sort()).toEqual([...files.keys()].sort());
  });

  it.each([...files.keys()])('%s says what is on record', (name) => {
    expect(files.get(name)).toBe(readFileSync(`${FOLDER}${name}`, 'utf8'));
  });

  it.each(DEFAULT_TEMPLATES)('$code keeps the rules for texts', ({ subject, body, channel }) => {
    expect(checkTemplate({ subject, body, channel })).toEqual([]);
  });

  it('disclose nothing, by the list that the sandbox keeps apart from ours', () => {
    const openly = [sampleValues().ente.nome];
    for (const { code: name, subject, text } of [...rendered, { code: 'codice', ...code }]) {
      expect([name, disclosures(`${subject}\n${text}`, openly)]).toEqual([name, []]);
    }
  });

  it('hold nothing that is fetched from elsewhere, which would tell when they were opened', () => {
    for (const { html } of rendered)
      expect(html).not.toMatch(/<(?:img|script|link|iframe|object|video)\b|url\(|@import/i);
  });
});
