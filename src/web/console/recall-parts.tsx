import type { RecallCounts } from '../../modules/campaigns/index.ts';
import { Details } from '../ui/parts.tsx';
import { Message } from './campaign-approval.view.tsx';
import { DataTable, Figure, Figures } from './campaign-parts.tsx';
import type { TextPreview } from './campaign-preview.ts';
import { channelWords, count } from './campaign-words.ts';

export type RecallPreview = TextPreview & {
  readonly channel: string;
  readonly code: string;
  readonly version: number;
};

/** Who is touched: to whom something wrong was said, and who was only about to be told. */
export function Touched({ counts }: { counts: RecallCounts }) {
  return (
    <>
      <Figures>
        <Figure label="Persone da avvisare" value={count(counts.people)} />
        <Figure label="Persone che non avevano ancora ricevuto nulla" value={count(counts.waitingOnly)} />
      </Figures>
      <DataTable
        caption="Recapiti già usati, per canale"
        empty="Nessun messaggio è arrivato a nessuno: non c’è niente da correggere, si annulla soltanto quello che aspetta."
        columns={[{ label: 'Canale' }, { label: 'Persone', numeric: true }, { label: 'Recapiti', numeric: true }]}
        rows={counts.channels.map((one) => [channelWords(one.channel), count(one.people), count(one.addresses)])}
      />
    </>
  );
}

/** The correction as an invented person reads it, by channel. */
export function Words({ previews }: { previews: readonly RecallPreview[] }) {
  return (
    <>
      <h2 class="c-h2">Le parole della correzione</h2>
      {previews.map((one) => (
        <Details key={one.channel} summary={`${channelWords(one.channel)}: ${one.code}, versione ${one.version}`}>
          <Message preview={one} />
        </Details>
      ))}
    </>
  );
}
