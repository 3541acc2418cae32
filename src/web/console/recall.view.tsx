import { formatInstant } from '../../kernel/rome-time.ts';
import type { ChannelOutcome, RecallRecord } from '../../modules/campaigns/index.ts';
import { BackLink, Badge, Callout, PrimaryLink, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Problem } from './campaign-parts.tsx';
import { count, counted } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { type RecallPreview, Touched, Words } from './recall-parts.tsx';
import { Doubted, Outcomes, Preparing } from './recall-progress.view.tsx';
import { causeWords, doubtWords, isPreparing, NEW_RECALL, RECALLS, recallState, recallTitle } from './recall-words.ts';
import { CsrfField, consolePage } from './shell.tsx';

function StateBadge({ recall }: { recall: RecallRecord }) {
  const [words, look] = recallState(recall);
  return <Badge look={look}>{words}</Badge>;
}

/** Every correction of the body, the newest first. */
export function recallsPage(signed: Signed, recalls: readonly RecallRecord[]): string {
  return consolePage({
    ...signed,
    title: 'Rettifiche',
    active: 'campagne',
    body: (
      <>
        <BackLink href="/console/campagne">Campagne</BackLink>
        <Title>Rettifiche</Title>
        <p>Quando è partito qualcosa di sbagliato, da qui si corregge con tutti quelli che l’hanno ricevuto.</p>
        {signed.operator.roles.includes('write') ? <PrimaryLink href={NEW_RECALL}>Nuova rettifica</PrimaryLink> : null}
        <DataTable
          caption="Rettifiche dell’ente"
          empty="Finora non ne è servita nessuna."
          columns={[
            { label: 'Rettifica' },
            { label: 'Stato' },
            { label: 'Chiesta' },
            { label: 'Persone', numeric: true },
          ]}
          rows={recalls.map((one) => [
            <a href={`${RECALLS}/${one.code}`}>{recallTitle(one.code)}</a>,
            <StateBadge recall={one} />,
            formatInstant(one.requestedAt),
            count(one.shown.people),
          ])}
        />
      </>
    ),
  });
}

interface RecallPageProps {
  readonly recall: RecallRecord;
  readonly fileName: string | null;
  readonly previews: readonly RecallPreview[];
  /** Who wrote the words: none of them may approve. */
  readonly writers: ReadonlySet<string>;
  readonly outcomes: readonly ChannelOutcome[];
  /** Debts that it still keeps in doubt. */
  readonly doubted: number;
  readonly names: ReadonlyMap<string, string>;
}

const DONE: Readonly<Record<string, string>> = {
  chiesta: 'Chiesta: ora serve l’approvazione di una seconda persona',
  approvata: 'Approvata: il programma ferma quello che aspetta e prepara le correzioni',
  confermati: 'Gli importi sono confermati: il cittadino può di nuovo pagarli',
  respinta: 'Respinta: nessuno è stato contattato',
};

/** One correction: why, who is touched, in which words, and what became of it (architecture §4.9). */
export function recallPage(signed: Signed, props: RecallPageProps, outcome: string, problem: string | null): string {
  const { recall, fileName, previews, outcomes, names } = props;
  const nameOf = (id: string | null) => names.get(id ?? '') ?? 'una persona non più presente';
  const done = DONE[outcome];
  const begun = recall.state === 'running' || recall.state === 'completed';
  return consolePage({
    ...signed,
    title: problem === null ? recallTitle(recall.code) : `Errore: ${recallTitle(recall.code)}`,
    active: 'campagne',
    alert: done === undefined ? undefined : { look: 'ok', title: done },
    body: (
      <>
        <BackLink href={RECALLS}>Rettifiche</BackLink>
        <Title>{recallTitle(recall.code)}</Title>
        <p class="b-status">
          <StateBadge recall={recall} />
          <span>Causa: {causeWords(recall, fileName)}</span>
        </p>
        {problem === null ? null : <Problem title="Non è stato possibile" text={problem} />}
        <p>{recall.note}</p>
        <p>
          Chiesta da {nameOf(recall.requestedBy)} il {formatInstant(recall.requestedAt)}.
          {recall.decidedAt === null
            ? null
            : ` ${begun ? 'Approvata' : 'Respinta'} da ${nameOf(recall.decidedBy)} il ${formatInstant(recall.decidedAt)}.`}
          {recall.completedAt === null ? null : ` Conclusa il ${formatInstant(recall.completedAt)}.`}
        </p>
        {recall.refusedReason === null || recall.refusedReason === '' ? null : (
          <Callout look="info" title="Perché è stata respinta">
            <p>{recall.refusedReason}</p>
          </Callout>
        )}
        {isPreparing(recall) ? <Preparing recall={recall} /> : null}
        <p>{doubtWords(recall)}</p>
        {props.doubted === 0 ? null : <Doubted signed={signed} recall={recall} debts={props.doubted} />}
        {begun ? <Outcomes recall={recall} outcomes={outcomes} /> : null}
        <h2 class="c-h2">Chi risultava coinvolto alla richiesta</h2>
        <Touched counts={recall.shown} />
        <Words previews={previews} />
        {recall.state === 'requested' ? <Decision signed={signed} {...props} /> : null}
      </>
    ),
  });
}

function Decision({ signed, recall, writers }: { signed: Signed } & RecallPageProps) {
  const at = `${RECALLS}/${recall.code}`;
  const { operatorId, roles } = signed.operator;
  if (recall.requestedBy === operatorId || writers.has(operatorId)) {
    return (
      <Callout look="info" title="La approva un’altra persona">
        <p>Lei l’ha chiesta o ha scritto il testo della correzione. Serve la firma di una seconda persona.</p>
      </Callout>
    );
  }
  if (!roles.includes('approve')) return <p>Lei non ha il permesso di approvare.</p>;
  const people = counted(recall.shown.people, 'persona', 'persone');
  return (
    <>
      <ActionForm action={`${at}/approva`} csrf={signed.csrf} label={`Approva la correzione a ${people}`}>
        <p>
          Le persone si ricercano di nuovo in quel momento: se intanto è partito altro, saranno di più. Quello che
          aspetta è annullato per sempre; una campagna richiamata non riparte.
        </p>
      </ActionForm>
      <h2 class="c-h2">Oppure la respinga</h2>
      <form method="post" action={`${at}/respingi`}>
        <CsrfField csrf={signed.csrf} />
        <div class="b-field">
          <label for="motivo">Perché la respinge</label>
          <textarea class="b-input" id="motivo" name="motivo" rows={3} maxLength={500} />
        </div>
        <button class="btn btn-outline-primary" type="submit">
          Respingi
        </button>
      </form>
    </>
  );
}
