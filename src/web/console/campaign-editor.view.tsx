import { BackLink, Callout, Details, Title } from '../ui/parts.tsx';
import { type CampaignForm, ONLY_IF, type PaceForm, type StepForm, type TextChoice } from './campaign-form.ts';
import { Problem } from './campaign-parts.tsx';
import { channelWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { CsrfField, consolePage } from './shell.tsx';

interface EditorProps {
  /** Null: a new one. */
  readonly code: string | null;
  readonly form: CampaignForm;
  readonly yaml: string;
  readonly problem: string | null;
  /** Approved or running, or the person may not write: shown, and not to be changed. */
  readonly readOnly: boolean;
  /** What a template left out; null when nothing. */
  readonly note: string | null;
  /** The texts that exist. */
  readonly texts: readonly TextChoice[];
}

/** O3–O5: the document of a campaign as fields, and below them the document itself. */
export function editorPage(signed: Signed, props: EditorProps): string {
  const { code, form, yaml, problem, texts, readOnly, note } = props;
  const action = code === null ? '/console/campagne-nuova' : `/console/campagne/${code}/modifica`;
  const back = code === null ? '/console/campagne' : `/console/campagne/${code}`;
  const title = code === null ? 'Scrivi una campagna' : `${readOnly ? 'Documento di' : 'Modifica'} ${form.name}`;
  return consolePage({
    ...signed,
    title: problem === null ? title : `Errore: ${title}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={back}>{code === null ? 'Campagne' : 'La campagna'}</BackLink>
        <Title>{title}</Title>
        {problem === null ? null : <Problem title="Non è stata salvata" text={problem} />}
        {note === null ? null : (
          <Callout look="info" title="Passi lasciati fuori">
            <p>{note}</p>
          </Callout>
        )}
        <form method="post" action={action}>
          <CsrfField csrf={signed.csrf} />
          <fieldset class="c-bare" disabled={readOnly}>
            {/* Enter in a field must save, not move a step: the first button of a form is the one that Enter presses. */}
            {readOnly ? null : (
              <button
                class="visually-hidden"
                type="submit"
                name="azione"
                value="salva"
                tabIndex={-1}
                aria-hidden="true"
              >
                Salva e prova
              </button>
            )}
            <Audience signed={signed} form={form} isNew={code === null} />
            <Cascade form={form} texts={texts} />
            <Limits form={form} />
            <Pace pace={form.pace} />
          </fieldset>
          {readOnly ? null : (
            <>
              <button class="btn btn-primary" type="submit" name="azione" value="salva">
                Salva e prova
              </button>
              <p class="b-hint">La prova conta le persone. Nessuno viene contattato.</p>
            </>
          )}
        </form>
        <Details summary="Il documento della campagna (YAML)">
          <form method="post" action={action}>
            <CsrfField csrf={signed.csrf} />
            <div class="b-field">
              <label for="documento">Documento</label>
              <textarea
                id="documento"
                name="documento"
                class="b-input c-document"
                rows={24}
                spellcheck={false}
                readOnly={readOnly}
                required
              >
                {yaml}
              </textarea>
            </div>
            {readOnly ? null : (
              <button class="btn btn-outline-primary" type="submit">
                Salva il documento così com’è scritto
              </button>
            )}
          </form>
        </Details>
      </>
    ),
  });
}

function TextField(props: {
  id: string;
  label: string;
  value: string;
  hint?: string;
  required?: boolean;
  readOnly?: boolean;
}) {
  const { id, label, value, hint, required = false, readOnly = false } = props;
  const hintId = hint === undefined ? undefined : `${id}-aiuto`;
  return (
    <div class="b-field">
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="b-hint" id={hintId}>
          {hint}
        </p>
      )}
      <input
        class="b-input"
        type="text"
        id={id}
        name={id}
        value={value}
        required={required}
        readOnly={readOnly}
        aria-describedby={hintId}
      />
    </div>
  );
}

function Audience({ signed, form, isNew }: { signed: Signed; form: CampaignForm; isNew: boolean }) {
  return (
    <>
      <TextField id="nome" label="Nome della campagna" value={form.name} required />
      <TextField
        id="codice"
        label="Codice"
        hint="Lettere minuscole, cifre e trattini. Poi non si cambia."
        value={form.code}
        required
        readOnly={!isNew}
      />
      <h2 class="c-h2">Pubblico</h2>
      <fieldset class="b-field">
        <legend>Tipi di credito</legend>
        {signed.ente.creditTypes.map((type) => (
          <div class="b-choice" key={type.code}>
            <input
              type="checkbox"
              id={`crediti-${type.code}`}
              name="crediti"
              value={type.code}
              checked={form.types.includes(type.code)}
            />
            <label for={`crediti-${type.code}`}>{type.name}</label>
          </div>
        ))}
      </fieldset>
      <div class="c-grid">
        <TextField
          id="scadenzaEntro"
          label="Scaduto entro il"
          hint="Per esempio 31/12/2024"
          value={form.dueBy}
          required
        />
        <TextField
          id="anni"
          label="Anni (facoltativo)"
          hint="Per esempio 2023, 2024. Vuoto: tutti."
          value={form.years}
        />
        <TextField
          id="importoMinimo"
          label="Importo minimo in euro (facoltativo)"
          hint="Vuoto: quello dell’ente."
          value={form.minimum}
        />
      </div>
      <div class="b-choice">
        <input type="checkbox" id="attoFormale" name="attoFormale" value="si" checked={form.formalAct} />
        <label for="attoFormale">L’atto formale è già programmato: contatta anche chi è vicino alla decadenza</label>
      </div>
    </>
  );
}

function Cascade({ form, texts }: { form: CampaignForm; texts: readonly TextChoice[] }) {
  const last = form.steps.length - 1;
  return (
    <>
      <h2 class="c-h2">Cascata</h2>
      {texts.length === 0 ? (
        <p>
          Non c’è ancora nessun testo: <a href="/console/testi">ne salvi uno</a>, poi torni qui.
        </p>
      ) : null}
      <ol class="c-steps">
        {form.steps.map((step, i) => (
          <li class="b-card" key={String(i)}>
            <fieldset>
              <legend>Passo {i + 1}</legend>
              <div class="c-grid">
                <div class="b-field">
                  <label for={`testo-${i}`}>Testo</label>
                  <select class="b-input c-select" id={`testo-${i}`} name={`testo-${i}`}>
                    {choicesOf(texts, step).map(({ channel, code }) => (
                      <option
                        key={code}
                        value={`${channel}|${code}`}
                        selected={code === step.text && channel === step.channel}
                      >
                        {`${code} (${channelWords(channel)})`}
                      </option>
                    ))}
                  </select>
                  <TextNote texts={texts} step={step} />
                </div>
                <TextField
                  id={`attesa-${i}`}
                  label={i === 0 ? 'Giorni dopo l’avvio' : 'Giorni dopo il passo prima'}
                  value={step.waitDays}
                />
                <div class="b-field">
                  <label for={`soloSe-${i}`}>Si manda</label>
                  <select class="b-input c-select" id={`soloSe-${i}`} name={`soloSe-${i}`}>
                    {ONLY_IF.map(([value, label]) => (
                      <option key={value} value={value} selected={value === step.onlyIf}>
                        {label}
                      </option>
                    ))}
                  </select>
                </div>
              </div>
              <div class="c-buttons">
                {i > 0 ? <StepButton value={`su-${i}`} label="Sposta su" step={i} /> : null}
                {i < last ? <StepButton value={`giu-${i}`} label="Sposta giù" step={i} /> : null}
                {last > 0 ? <StepButton value={`togli-${i}`} label="Togli" step={i} /> : null}
              </div>
            </fieldset>
          </li>
        ))}
      </ol>
      {last < 9 ? <StepButton value="aggiungi" label="Aggiungi un passo" step={null} /> : null}
    </>
  );
}

/** How long the chosen text is and what it costs. */
function TextNote({ texts, step }: { texts: readonly TextChoice[]; step: StepForm }) {
  const note = texts.find((one) => one.code === step.text && one.channel === step.channel)?.note;
  return note === undefined ? null : <p class="b-hint">{note}</p>;
}

/** A text that the document names and that does not exist is shown all the same: nothing is changed unseen. */
function choicesOf(texts: readonly TextChoice[], step: StepForm): readonly TextChoice[] {
  const known = texts.some((one) => one.code === step.text && one.channel === step.channel);
  return known || step.text === '' ? texts : [...texts, { channel: step.channel, code: step.text }];
}

function StepButton({ value, label, step }: { value: string; label: string; step: number | null }) {
  return (
    <button
      class="btn btn-outline-primary"
      type="submit"
      name="azione"
      value={value}
      formnovalidate
      aria-label={step === null ? undefined : `${label} il passo ${step + 1}`}
    >
      {label}
    </button>
  );
}

function Limits({ form }: { form: CampaignForm }) {
  return (
    <>
      <h2 class="c-h2">Limiti</h2>
      <p>Il massimo in sette giorni, su tutte le campagne. Vuoto: il limite dell’ente.</p>
      <div class="c-grid">
        <TextField id="perPersona" label="Messaggi per persona" value={form.perPerson} />
        <TextField id="perIndirizzo" label="Messaggi per indirizzo" value={form.perAddress} />
      </div>
    </>
  );
}

function Pace({ pace }: { pace: PaceForm }) {
  return (
    <>
      <h2 class="c-h2">Ritmo</h2>
      <p>Quanti messaggi al massimo, su tutti i canali e i passi insieme. Vuoto: tutti appena si può.</p>
      <div class="c-grid">
        <TextField id="alGiorno" label="Messaggi al giorno (facoltativo)" value={pace.perDay} />
        <TextField id="allOra" label="Messaggi all’ora (facoltativo)" value={pace.perHour} />
        <TextField
          id="risposteAlGiorno"
          label="Risposte dell’ufficio al giorno (facoltativo)"
          hint="Telefonate e persone allo sportello a cui sa rispondere."
          value={pace.answers}
        />
        <TextField
          id="quotaCheChiama"
          label="Quanti chiamano o vengono (facoltativo)"
          hint="Su cento persone contattate. Per esempio 3%."
          value={pace.share}
        />
        <TextField
          id="finireEntro"
          label="Da finire entro il (facoltativo)"
          hint="La prova avverte se i giorni non bastano."
          value={pace.finishBy}
        />
      </div>
    </>
  );
}
