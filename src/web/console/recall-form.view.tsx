import { formatInstant } from '../../kernel/rome-time.ts';
import type { RecallCounts } from '../../modules/campaigns/index.ts';
import type { CampaignRow, TextVersion } from '../../modules/insight/index.ts';
import { BackLink, Callout, Title } from '../ui/parts.tsx';
import { Problem } from './campaign-parts.tsx';
import { channelWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import type { LoadedFile } from './recall.read.ts';
import { CORRECTED_CHANNELS, type RecallForm } from './recall-form.ts';
import { type RecallPreview, Touched, Words } from './recall-parts.tsx';
import { NEW_RECALL, RECALLS } from './recall-words.ts';
import { CsrfField, consolePage } from './shell.tsx';

export interface RecallChoices {
  readonly campaigns: readonly CampaignRow[];
  readonly files: readonly LoadedFile[];
  /** Every version of every text. */
  readonly texts: readonly TextVersion[];
}

interface Shown {
  readonly counts: RecallCounts;
  readonly previews: readonly RecallPreview[];
  /** What was shown; asked for with another cause, it is shown first. */
  readonly seen: string;
}

/** What was wrong, who is touched, which words take it back. Nothing moves from here: a second person approves. */
export function recallFormPage(
  signed: Signed,
  choices: RecallChoices,
  form: RecallForm,
  shown: Shown | null,
  problem: string | null,
): string {
  const running = choices.campaigns.find((one) => one.code === form.campaign && one.state === 'running');
  return consolePage({
    ...signed,
    title: problem === null ? 'Nuova rettifica' : 'Errore: nuova rettifica',
    active: 'campagne',
    body: (
      <>
        <BackLink href={RECALLS}>Rettifiche</BackLink>
        <Title>Rettificare messaggi sbagliati</Title>
        {problem === null ? null : <Problem title="Non è stata chiesta" text={problem} />}
        <p>
          Il programma trova tutte le persone coinvolte. Dopo l’approvazione di una seconda persona, quello che aspetta
          è annullato e la correzione va a ogni recapito già usato, una volta sola.
        </p>
        {running === undefined || form.kind !== 'campaign' ? null : (
          <Callout look="warn" title="La campagna è ancora in corso">
            <p>
              Fino all’approvazione continua a scrivere.{' '}
              <a class="c-link" href={`/console/campagne/${running.code}/avanzamento`}>
                La sospenda subito
              </a>
              , poi torni qui.
            </p>
          </Callout>
        )}
        <form method="post" action={NEW_RECALL}>
          <CsrfField csrf={signed.csrf} />
          <Causes signed={signed} choices={choices} form={form} />
          <div class="b-field">
            <label for="nota">Che cosa era sbagliato</label>
            <p class="b-hint" id="nota-aiuto">
              Lo legge chi approva, non il cittadino. Non scriva nomi.
            </p>
            <textarea class="b-input" id="nota" name="nota" rows={3} maxLength={500} aria-describedby="nota-aiuto">
              {form.note}
            </textarea>
          </div>
          <Corrections choices={choices} form={form} />
          <button
            class={shown === null ? 'btn btn-primary' : 'btn btn-outline-primary'}
            name="azione"
            value="mostra"
            type="submit"
          >
            Mostra chi è coinvolto
          </button>
          {shown === null ? null : (
            <>
              <input type="hidden" name="visto" value={shown.seen} />
              <h2 class="c-h2">Chi è coinvolto</h2>
              <Touched counts={shown.counts} />
              <Words previews={shown.previews} />
              <button class="btn btn-primary" name="azione" value="chiedi" type="submit">
                Chiedi l’approvazione
              </button>
            </>
          )}
        </form>
      </>
    ),
  });
}

function Causes({ signed, choices, form }: { signed: Signed; choices: RecallChoices; form: RecallForm }) {
  const begun = choices.campaigns.filter((one) => one.startedAt !== null && one.state !== 'recalled');
  return (
    <fieldset class="b-field">
      <legend>Che cosa ha causato l’errore</legend>
      <Cause value="campagna" label="Una campagna" checked={form.kind === 'campaign'} />
      <Choice id="campagna" label="Campagna" value={form.campaign} options={begun.map((one) => [one.code, one.name])} />
      <div class="b-choice">
        <input type="checkbox" id="importi-giusti" name="importi-giusti" value="1" checked={form.amountsStand} />
        <label for="importi-giusti">
          Gli importi della campagna sono giusti (era sbagliato a chi o quando si è scritto): restano pagabili
        </label>
      </div>
      <Cause value="file" label="Un file caricato" checked={form.kind === 'import'} />
      <Choice
        id="file"
        label="File"
        value={form.importId}
        options={choices.files.map((one) => [
          one.importId,
          `${one.fileName} (${one.creditType}), ${formatInstant(one.at)}`,
        ])}
      />
      <Cause value="testo" label="Un testo" checked={form.kind === 'text'} />
      <Choice
        id="testo"
        label="Testo e versione"
        value={form.text}
        options={choices.texts.map((one) => [`${one.code}|${one.version}`, `${one.code}, versione ${one.version}`])}
      />
      <Cause value="posizioni" label="Alcune posizioni" checked={form.kind === 'debts'} />
      <Choice
        id="tipo"
        label="Tipo di credito delle posizioni"
        value={form.creditType}
        options={signed.ente.creditTypes.map((type) => [type.code, type.name])}
      />
      <div class="b-field">
        <label for="elenco">Identificativi delle posizioni</label>
        <p class="b-hint" id="elenco-aiuto">
          Uno per riga, come nel file caricato.
        </p>
        <textarea class="b-input" id="elenco" name="elenco" rows={4} spellcheck={false} aria-describedby="elenco-aiuto">
          {form.list}
        </textarea>
      </div>
    </fieldset>
  );
}

function Cause({ value, label, checked }: { value: string; label: string; checked: boolean }) {
  return (
    <div class="b-choice">
      <input type="radio" id={`causa-${value}`} name="causa" value={value} checked={checked} />
      <label for={`causa-${value}`}>{label}</label>
    </div>
  );
}

function Choice(props: {
  id: string;
  label: string;
  value: string;
  options: readonly (readonly [value: string, words: string])[];
}) {
  return (
    <div class="b-field">
      <label for={props.id}>{props.label}</label>
      <select class="b-input c-select" id={props.id} name={props.id}>
        {props.options.length === 0 ? <option value="">Nessuno</option> : null}
        {props.options.map(([value, words]) => (
          <option key={value} value={value} selected={value === props.value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The words by channel: the usual ones are found by themselves. */
function Corrections({ choices, form }: { choices: RecallChoices; form: RecallForm }) {
  return (
    <>
      {CORRECTED_CHANNELS.map((channel) => {
        const codes = [...new Set(choices.texts.filter((one) => one.channel === channel).map((one) => one.code))];
        const usual = codes.find((code) => code.endsWith('rettifica')) ?? '';
        return (
          <Choice
            key={channel}
            id={`rettifica-${channel}`}
            label={`Testo della correzione: ${channelWords(channel)}`}
            value={form.texts[channel] ?? usual}
            options={codes.map((code) => [code, code])}
          />
        );
      })}
    </>
  );
}
