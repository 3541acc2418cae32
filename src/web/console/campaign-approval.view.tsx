import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignProblem, RehearsalCounts } from '../../modules/campaigns/index.ts';
import type { CampaignDetail } from '../../modules/insight/index.ts';
import { BackLink, Callout, Details, Row, Rows, SecondaryLink, Title } from '../ui/parts.tsx';
import { PaceCalendarPart } from './campaign-pacing.view.tsx';
import { ActionForm, DataTable, Figure, Figures, Problem, Problems } from './campaign-parts.tsx';
import { lengthAndCost, type TextPreview } from './campaign-preview.ts';
import { channelWords, costOfStep, costOfSteps, costWords, count, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { CsrfField, consolePage } from './shell.tsx';

type Preview = TextPreview & { readonly code: string; readonly version: number };

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

/** O6: who would be told, who not and why. Nobody is contacted. */
export function rehearsalPage(
  signed: Signed,
  campaign: CampaignDetail,
  problems: readonly CampaignProblem[],
  previews: readonly Preview[],
  problem: string | null,
): string {
  const at = `/console/campagne/${campaign.code}`;
  const writes = signed.operator.roles.includes('write');
  const draft = campaign.state === 'draft';
  const { rehearsal } = campaign;
  return consolePage({
    ...signed,
    title: problem === null ? `Prova di ${campaign.name}` : `Errore: prova di ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={at}>La campagna</BackLink>
        <Title>Prova di {campaign.name}</Title>
        {problem === null ? null : <Problem title="Non è stata proposta" text={problem} />}
        <Problems list={problems} />
        {rehearsal === null ? (
          <p>Questa versione non è ancora stata provata.</p>
        ) : (
          <>
            <p>Contata il {formatInstant(rehearsal.at)}. Nessuno è stato contattato.</p>
            <Counts counts={rehearsal.counts} />
            <Messages previews={previews} />
            <Rows>
              <Row
                href={`${at}/prova/esempi`}
                title="Esempi e prova a me"
                note="Come leggerebbero i messaggi alcune persone, e una prova al Suo indirizzo"
              />
            </Rows>
          </>
        )}
        {draft && writes && rehearsal !== null && problems.length === 0 && rehearsal.counts.toContact > 0 ? (
          <ActionForm
            action={`${at}/proponi`}
            csrf={signed.csrf}
            label={`Proponi per l’approvazione: ${counted(rehearsal.counts.toContact, 'persona', 'persone')}`}
          />
        ) : null}
        {draft && writes ? (
          <div class="c-buttons">
            <ActionForm action={`${at}/prova`} csrf={signed.csrf} label="Ripeti la prova" look="secondary" />
            <SecondaryLink href={`${at}/modifica`}>Modifica la campagna</SecondaryLink>
          </div>
        ) : null}
      </>
    ),
  });
}

function Counts({ counts }: { counts: RehearsalCounts }) {
  const excluded = Object.entries(counts.excluded).sort(([, a], [, b]) => b - a);
  return (
    <>
      <Figures>
        <Figure label="Nel pubblico" value={count(counts.audience)} />
        <Figure label="Da contattare" value={count(counts.toContact)} />
        <Figure label="Escluse" value={count(sum(excluded.map(([, n]) => n)))} />
        <Figure label="Importo da comunicare" value={formatEuro(counts.dueCents)} />
        <Figure label="Costo al massimo" value={costOfSteps(counts.steps)} />
      </Figures>
      {counts.toContact === 0 ? (
        <Callout look="warn" title="Non resta nessuno da contattare">
          <p>Guardi i motivi qui sotto, poi cambi il pubblico o i recapiti.</p>
        </Callout>
      ) : null}
      <h2 class="c-h2">Chi resta fuori, e perché</h2>
      <DataTable
        caption="Persone escluse per motivo"
        empty="Nessuno resta fuori."
        columns={[{ label: 'Motivo' }, { label: 'Persone', numeric: true }]}
        rows={excluded.map(([reason, n]) => [reasonWords(reason), count(n)])}
      />
      <h2 class="c-h2">La cascata</h2>
      <DataTable
        caption="Passi della cascata"
        columns={[
          { label: 'Passo' },
          { label: 'Canale' },
          { label: 'Testo' },
          { label: 'Al massimo', numeric: true },
          { label: 'Segmenti', numeric: true },
          { label: 'Costo', numeric: true },
        ]}
        rows={counts.steps.map((step) => [
          String(step.step),
          channelWords(step.channel),
          `${step.template}, versione ${step.templateVersion}`,
          count(step.atMost),
          step.channel === 'sms' && step.segments !== undefined ? count(step.segments) : '',
          costWords(costOfStep(step)),
        ])}
      />
      {counts.pace === undefined ? null : <PaceCalendarPart calendar={counts.pace} />}
    </>
  );
}

function Messages({ previews }: { previews: readonly Preview[] }) {
  return (
    <>
      <h2 class="c-h2">I messaggi</h2>
      {previews.map((one) => (
        <Details key={one.code} summary={`${one.code}, versione ${one.version}`}>
          <Message preview={one} />
        </Details>
      ))}
    </>
  );
}

/** A message as an invented person reads it. */
export function Message({ preview }: { preview: TextPreview }) {
  return (
    <>
      {preview.problems.length === 0 ? null : (
        <Callout look="warn" title="Da correggere">
          <ul>
            {preview.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Callout>
      )}
      {preview.shown === null ? null : (
        <div class="c-message">
          {preview.shown.subject === '' ? null : <p class="c-message-subject">{preview.shown.subject}</p>}
          <p class="c-message-text">{preview.shown.body}</p>
          <p class="b-hint">
            {counted(preview.shown.body.length, 'carattere', 'caratteri')}. Leggibilità (Gulpease):{' '}
            {preview.shown.gulpease} su 100. {lengthAndCost(preview)}
          </p>
        </div>
      )}
    </>
  );
}

/** O7: a second person, with the exact number on the button. */
export function approvalPage(
  signed: Signed,
  campaign: CampaignDetail,
  names: ReadonlyMap<string, string>,
  previews: readonly Preview[],
  problem: string | null,
): string {
  const at = `/console/campagne/${campaign.code}`;
  const counts = campaign.rehearsal?.counts ?? null;
  const own = campaign.writers.includes(signed.operator.operatorId);
  return consolePage({
    ...signed,
    title: problem === null ? `Approva ${campaign.name}` : `Errore: approva ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={at}>La campagna</BackLink>
        <Title>Approvazione di {campaign.name}</Title>
        {problem === null ? null : <Problem title="Non è stato possibile" text={problem} />}
        <p>
          Scritta o proposta da{' '}
          {campaign.writers.map((id) => names.get(id) ?? 'una persona non più presente').join(', ')}.
        </p>
        {counts === null ? <p>Manca la prova.</p> : <Counts counts={counts} />}
        <Messages previews={previews} />
        {campaign.state !== 'inApproval' || counts === null ? (
          <p>In questo momento non c’è niente da approvare.</p>
        ) : own ? (
          <Callout look="info" title="La approva un’altra persona">
            <p>Lei ha scritto o proposto questa campagna. Serve la firma di una seconda persona.</p>
          </Callout>
        ) : signed.operator.roles.includes('approve') ? (
          <Decision signed={signed} at={at} counts={counts} />
        ) : (
          <p>Lei non ha il permesso di approvare.</p>
        )}
      </>
    ),
  });
}

function Decision({ signed, at, counts }: { signed: Signed; at: string; counts: RehearsalCounts }) {
  const cost = costOfSteps(counts.steps);
  const people = counted(counts.toContact, 'persona', 'persone');
  return (
    <>
      <ActionForm action={`${at}/approva`} csrf={signed.csrf} label={`Approva l’invio a ${people}`}>
        <input type="hidden" name="persone" value={String(counts.toContact)} />
        <p>
          Sta per autorizzare avvisi a {people}. Costo stimato: {cost}. Può sospendere in ogni momento.
        </p>
      </ActionForm>
      <h2 class="c-h2">Oppure la rimandi</h2>
      <form method="post" action={`${at}/rimanda`}>
        <CsrfField csrf={signed.csrf} />
        <div class="b-field">
          <label for="motivo">Perché la rimanda</label>
          <textarea class="b-input" id="motivo" name="motivo" rows={3} maxLength={500} />
        </div>
        <button class="btn btn-outline-primary" type="submit">
          Rimanda a chi l’ha scritta
        </button>
      </form>
    </>
  );
}
