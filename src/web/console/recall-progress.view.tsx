import type { ChannelOutcome, CorrectionOutcome, RecallRecord } from '../../modules/campaigns/index.ts';
import { Callout, Row, Rows } from '../ui/parts.tsx';
import { ActionForm, DataTable } from './campaign-parts.tsx';
import { channelWords, count, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { correctionWords, preparationWords, RECALLS } from './recall-words.ts';

/** Approved, and still being prepared: how far it is. */
export function Preparing({ recall }: { recall: RecallRecord }) {
  return (
    <Callout look="info" title="In preparazione">
      <p role="status">{preparationWords(recall)}</p>
      <p>
        <a class="c-link" href={`${RECALLS}/${recall.code}`}>
          Aggiorna
        </a>
      </p>
    </Callout>
  );
}

/** Debts that it keeps from being paid, and how that ends. */
export function Doubted({ signed, recall, debts }: { signed: Signed; recall: RecallRecord; debts: number }) {
  return (
    <Callout look="warn" title={`${counted(debts, 'posizione in dubbio', 'posizioni in dubbio')}`}>
      <p>Nessuno può pagarle. Carichi il file giusto: quelle che nomina tornano pagabili da sole.</p>
      {signed.operator.roles.includes('approve') ? (
        <ActionForm
          action={`${RECALLS}/${recall.code}/importi-giusti`}
          csrf={signed.csrf}
          label="Gli importi sono giusti: tornano pagabili"
          look="secondary"
        />
      ) : null}
    </Callout>
  );
}

const COLUMNS: readonly (readonly [CorrectionOutcome, label: string])[] = [
  ['corrected', 'Corretti'],
  ['notReached', 'Non raggiunti'],
  ['uncertain', 'Esito incerto'],
  ['waiting', 'In coda'],
];

/** What became of the corrections, channel by channel. */
export function Outcomes({ recall, outcomes }: { recall: RecallRecord; outcomes: readonly ChannelOutcome[] }) {
  const at = `${RECALLS}/${recall.code}/persone`;
  const channels = [...new Set(outcomes.map((one) => one.channel))];
  const sum = (channel: string, outcome: CorrectionOutcome | null) =>
    outcomes
      .filter((one) => one.channel === channel && (outcome === null || one.outcome === outcome))
      .reduce((total, one) => total + one.addresses, 0);
  const reasons = outcomes.filter((one) => one.reason !== null);
  return (
    <>
      <h2 class="c-h2">Che cosa è successo</h2>
      <DataTable
        caption="Recapiti per canale ed esito della correzione"
        empty="Nessun messaggio era arrivato a nessuno: è stato annullato quello che aspettava."
        columns={[
          { label: 'Canale' },
          { label: 'Usati', numeric: true },
          ...COLUMNS.map(([, label]) => ({ label, numeric: true })),
        ]}
        rows={channels.map((channel) => [
          channelWords(channel),
          count(sum(channel, null)),
          ...COLUMNS.map(([outcome]) => count(sum(channel, outcome))),
        ])}
      />
      {reasons.length === 0 ? null : (
        <DataTable
          caption="Perché non sono corretti, o non ancora"
          columns={[{ label: 'Motivo' }, { label: 'Canale' }, { label: 'Esito' }, { label: 'Recapiti', numeric: true }]}
          rows={reasons.map((one) => [
            reasonWords(one.reason ?? ''),
            channelWords(one.channel),
            correctionWords(one.outcome),
            count(one.addresses),
          ])}
        />
      )}
      <Rows>
        <Row href={at} title="Tutte le persone" note="con l’esito di ogni recapito, anche come file" />
        {COLUMNS.filter(([outcome]) => channels.some((channel) => sum(channel, outcome) > 0)).map(
          ([outcome, label]) => (
            <Row key={outcome} href={`${at}?esito=${outcome}`} title={label} />
          ),
        )}
      </Rows>
    </>
  );
}
