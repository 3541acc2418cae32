import { formatInstant } from '../../kernel/rome-time.ts';
import type { TextVersion } from '../../modules/insight/index.ts';
import { BackLink, Details, Row, Rows, SecondaryLink, Title } from '../ui/parts.tsx';
import { Message } from './campaign-approval.view.tsx';
import { ActionForm, DataTable, Problem } from './campaign-parts.tsx';
import type { TextPreview } from './campaign-preview.ts';
import { channelWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { CsrfField, consoleFragment, consolePage } from './shell.tsx';

const HOME = '/console/testi';

/** The texts of the body, the version in force of each. */
export function textsPage(signed: Signed, versions: readonly TextVersion[], missing: readonly string[]): string {
  const latest = versions.filter((one, i) => versions.findIndex((other) => other.code === one.code) === i);
  const writes = signed.operator.roles.includes('write');
  return consolePage({
    ...signed,
    title: 'Testi dei messaggi',
    active: 'campagne',
    body: (
      <>
        <BackLink href="/console/campagne">Campagne</BackLink>
        <Title>Testi dei messaggi</Title>
        {latest.length === 0 ? <p>Non c’è ancora nessun testo. Può partire dai nostri e poi cambiarli.</p> : null}
        <Rows>
          {latest.map((one) => (
            <Row
              key={one.code}
              href={`${HOME}/${one.code}`}
              title={one.code}
              note={`versione ${one.version}, ${channelWords(one.channel)}`}
            />
          ))}
        </Rows>
        {latest.length > 0 && writes ? (
          <SecondaryLink href="/console/testi-nuovo">Scrivi un nuovo testo</SecondaryLink>
        ) : null}
        {missing.length > 0 && writes ? (
          <ActionForm action="/console/testi-di-partenza" csrf={signed.csrf} label="Salva i testi da cui partire">
            {latest.length === 0 ? null : <p>Mancano: {missing.join(', ')}. Quelli che ha già non cambiano.</p>}
          </ActionForm>
        ) : null}
      </>
    ),
  });
}

/** A new code: its first version is a copy, on the same channel, and is then changed like any other. */
export function newTextPage(
  signed: Signed,
  texts: readonly TextVersion[],
  typed: { readonly code: string; readonly from: string },
  problem: string | null,
): string {
  const channels = [...new Set(texts.map((text) => text.channel))];
  return consolePage({
    ...signed,
    title: problem === null ? 'Nuovo testo' : 'Errore: nuovo testo',
    active: 'campagne',
    body: (
      <>
        <BackLink href={HOME}>Testi</BackLink>
        <Title>Nuovo testo</Title>
        {problem === null ? null : <Problem title="Il testo non è stato creato" text={problem} />}
        <form method="post" action="/console/testi-nuovo">
          <CsrfField csrf={signed.csrf} />
          <div class="b-field">
            <label for="codice">Codice</label>
            <p class="b-hint" id="codice-aiuto">
              Lettere minuscole, cifre e trattini. Poi non si cambia.
            </p>
            <input
              class="b-input"
              type="text"
              id="codice"
              name="codice"
              value={typed.code}
              aria-describedby="codice-aiuto"
              required
            />
          </div>
          <div class="b-field">
            <label for="da">Canale e testo da cui partire</label>
            <select class="b-input c-select" id="da" name="da">
              {channels.map((channel) => (
                <optgroup key={channel} label={channelWords(channel)}>
                  {texts
                    .filter((text) => text.channel === channel)
                    .map(({ code }) => (
                      <option key={code} value={code} selected={code === typed.from}>
                        {code}
                      </option>
                    ))}
                </optgroup>
              ))}
            </select>
          </div>
          <button class="btn btn-primary" type="submit">
            Crea il testo
          </button>
        </form>
      </>
    ),
  });
}

interface TextPageProps {
  readonly text: TextVersion;
  readonly versions: readonly TextVersion[];
  readonly preview: TextPreview;
  readonly problem: string | null;
  readonly saved: boolean;
}

const PLACEHOLDERS = [
  'persona.nome',
  'ente.nome',
  'ente.sito',
  'ente.mittente',
  'ufficio.nome',
  'ufficio.telefono',
  'ufficio.email',
  'ufficio.orari',
  'ufficio.indirizzo',
  'ufficio.responsabile',
  'ufficio.riesame',
  'collegamento',
  'rinuncia',
];

/** One text with its preview; saving makes a new version, and nothing that was approved changes. */
export function textPage(signed: Signed, { text, versions, preview, problem, saved }: TextPageProps): string {
  const at = `${HOME}/${text.code}`;
  const writes = signed.operator.roles.includes('write');
  return consolePage({
    ...signed,
    title: problem === null ? `Testo ${text.code}` : `Errore: testo ${text.code}`,
    active: 'campagne',
    alert: saved ? { look: 'ok', title: `Salvato come versione ${text.version}` } : undefined,
    body: (
      <>
        <BackLink href={HOME}>Testi</BackLink>
        <Title>Testo {text.code}</Title>
        {problem === null ? null : <Problem title="Il testo non è stato salvato" text={problem} />}
        {writes ? (
          <form
            method="post"
            action={at}
            hx-post={at}
            hx-trigger="input delay:600ms"
            hx-target="#anteprima"
            hx-swap="innerHTML"
          >
            <CsrfField csrf={signed.csrf} />
            {text.channel === 'sms' ? null : (
              <div class="b-field">
                <label for="oggetto">Oggetto</label>
                <input class="b-input" type="text" id="oggetto" name="oggetto" value={text.subject} required />
              </div>
            )}
            <div class="b-field">
              <label for="testo">Testo</label>
              <textarea class="b-input" id="testo" name="testo" rows={18} required>
                {text.body}
              </textarea>
            </div>
            <div class="c-buttons">
              <button class="btn btn-primary" type="submit" name="azione" value="salva">
                Salva una nuova versione
              </button>
              <button class="btn btn-outline-primary" type="submit" name="azione" value="anteprima">
                Vedi l’anteprima
              </button>
            </div>
          </form>
        ) : null}
        <Details summary="Segnaposto che può usare">
          <ul>
            {PLACEHOLDERS.map((one) => (
              <li key={one}>
                <code>{`{{ ${one} }}`}</code>
              </li>
            ))}
          </ul>
        </Details>
        <h2 class="c-h2">Anteprima</h2>
        <div id="anteprima" aria-live="polite">
          <Message preview={preview} />
        </div>
        <h2 class="c-h2">Versioni</h2>
        <DataTable
          caption="Versioni di questo testo"
          columns={[{ label: 'Versione' }, { label: 'Salvata il' }, { label: 'Oggetto' }]}
          rows={versions.map((one) => [
            <a href={`${at}?versione=${one.version}`}>{one.version}</a>,
            formatInstant(one.at),
            one.subject,
          ])}
        />
      </>
    ),
  });
}

export function previewFragment(preview: TextPreview): string {
  return consoleFragment(<Message preview={preview} />);
}
