import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignDetail, CampaignProgress, PaceToday, StuckQueue } from '../../modules/insight/index.ts';
import { assetUrl } from '../ui/assets.ts';
import { BackLink, Callout, SecondaryLink, Title } from '../ui/parts.tsx';
import { CampaignBadge, whoOf } from './campaign.view.tsx';
import type { FoundCampaign } from './campaign-find.ts';
import { PaceNow } from './campaign-pacing.view.tsx';
import { ActionForm, DataTable, Figure, Figures } from './campaign-parts.tsx';
import { announcement, markOf, paceSentence } from './campaign-progress-words.ts';
import { channelWords, count, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { consoleFragment, consolePage } from './shell.tsx';

interface Shown {
  readonly signed: Signed;
  readonly campaign: FoundCampaign;
  readonly progress: CampaignProgress;
  /** Null: the campaign has no pace of its own. */
  readonly pace: PaceToday | null;
  readonly names: ReadonlyMap<string, string>;
  /** Legal time, epoch ms. */
  readonly now: number;
}

const OUTCOMES: Readonly<Record<string, string>> = {
  avviata: 'Avviata: i messaggi partono negli orari consentiti',
  sospesa: 'Sospesa: da questo momento non parte più nulla',
  ripresa: 'Ripresa: si continua da chi manca',
  fermata: 'Fermata: quello che era in coda è annullato',
};

/** O8 Avanzamento: what the channel took is not what arrived, and neither is what waits. */
export function progressPage(shown: Shown, outcome: string): string {
  const { signed, campaign } = shown;
  const done = OUTCOMES[outcome];
  return consolePage({
    ...signed,
    title: `Avanzamento di ${campaign.name}`,
    active: 'campagne',
    alert: done === undefined ? undefined : { look: 'ok', title: done },
    body: (
      <>
        <BackLink href={`/console/campagne/${campaign.code}`}>La campagna</BackLink>
        <Title>Avanzamento di {campaign.name}</Title>
        <Live {...shown} />
        <Controls signed={signed} campaign={campaign} />
        {isLive(campaign) ? <script src={assetUrl('progress.js')} defer /> : null}
      </>
    ),
  });
}

export function progressFragment(shown: Shown): string {
  return consoleFragment(<Live {...shown} />);
}

/** Something may still change while somebody looks: a campaign that is scheduled starts by itself. */
function isLive(campaign: CampaignDetail): boolean {
  return isMoving(campaign) || campaign.state === 'scheduled';
}

function isMoving(campaign: CampaignDetail): boolean {
  return campaign.state === 'running' || campaign.state === 'paused';
}

/** The piece that is fetched anew; it stops asking when there is nothing more to see (the island paces the questions). */
function Live({ campaign, progress, pace, names, now }: Shown) {
  const at = `/console/campagne/${campaign.code}/avanzamento`;
  const polling = isLive(campaign)
    ? { 'hx-get': at, 'hx-trigger': 'every 5s', 'hx-swap': 'outerMorph', 'data-mark': markOf(campaign, progress) }
    : {};
  const results = `/console/campagne/${campaign.code}/risultati`;
  const settled = progress.total - progress.queued - progress.onTheWire;
  // Who waits for a turn has no message yet, and is not done for that.
  const total = progress.total + (pace?.waiting ?? 0);
  return (
    <div id="avanzamento" {...polling}>
      <p class="b-status">
        <CampaignBadge state={campaign.state} />
        <span>Aggiornato il {formatInstant(now)}.</span>{' '}
        <a class="c-link" href={at}>
          Aggiorna
        </a>
      </p>
      <Paused campaign={campaign} names={names} />
      <Stuck queues={progress.stuck} />
      <div class="b-field">
        <label for="barra">Messaggi già partiti o chiusi</label>
        <progress id="barra" class="c-progress" max={Math.max(total, 1)} value={settled} />
        <p>
          {count(settled)} su {counted(total, 'messaggio', 'messaggi')}.
        </p>
      </div>
      <p class="visually-hidden" role="status">
        {announcement(campaign, progress, settled, total)}
      </p>
      <Figures>
        <Figure label="In coda" value={count(progress.queued + progress.onTheWire)} />
        <Figure label="Accettati dal canale" value={count(progress.handedOver)} />
        <Figure label="Consegnati" value={count(progress.delivered)} />
        <Figure
          label="Falliti"
          value={count(progress.failed)}
          href={progress.failed > 0 ? `${results}/failed` : null}
        />
        <Figure
          label="Esito incerto"
          value={count(progress.uncertain)}
          href={progress.uncertain > 0 ? `${results}/uncertain` : null}
        />
        <Figure label="Annullati o scaduti" value={count(progress.void + progress.expired)} />
      </Figures>
      <p>{paceSentence(campaign, progress)}</p>
      {retrySentence(campaign, progress)}
      {budgetSentence(campaign, progress)}
      {isMoving(campaign) ? <PaceNow pace={pace} /> : null}
      {progress.failures.length === 0 ? null : (
        <DataTable
          caption="Perché sono falliti"
          columns={[{ label: 'Motivo' }, { label: 'Messaggi', numeric: true }]}
          rows={progress.failures.map((one) => [reasonWords(one.reason), count(one.n)])}
        />
      )}
    </div>
  );
}

const STUCK_REASONS: Readonly<Record<StuckQueue['reason'], string>> = {
  program: 'In questo ente non si muove nulla: il programma che spedisce non sta lavorando. Avvisi chi lo gestisce.',
  channel:
    'Gli altri canali lavorano, questo no. Chi gestisce il programma controlli che il canale sia configurato e raggiungibile.',
  otherCampaigns: 'Il canale sta lavorando, ma su altri messaggi che erano in coda da prima. Non occorre fare nulla.',
};

/** Work that is due and stands: silence is the worst failure (architecture §4.9). */
function Stuck({ queues }: { queues: readonly StuckQueue[] }) {
  if (queues.length === 0) return null;
  return (
    <Callout look="warn" title="La coda è ferma">
      <ul>
        {queues.map((one) => (
          <li key={one.channel}>
            {channelWords(one.channel)}: {counted(one.n, 'messaggio aspetta', 'messaggi aspettano')} e niente si muove
            dal {formatInstant(one.since)}. {STUCK_REASONS[one.reason]}
          </li>
        ))}
      </ul>
    </Callout>
  );
}

function retrySentence(campaign: CampaignDetail, { retrying }: CampaignProgress) {
  if (campaign.state !== 'running' || retrying.nextAt === null) return null;
  return (
    <p>
      Con {counted(retrying.n, 'persona', 'persone')} si riprova, dopo un invio non riuscito, a partire dal{' '}
      {formatInstant(retrying.nextAt)}.
    </p>
  );
}

function budgetSentence(campaign: CampaignDetail, { overBudget }: CampaignProgress) {
  if (campaign.state !== 'running' || overBudget.nextAt === null) return null;
  return (
    <p>
      {counted(overBudget.n, 'messaggio aspetta', 'messaggi aspettano')}: il canale ha raggiunto il massimo di invii del
      giorno. Si riprende il {formatInstant(overBudget.nextAt)}.
    </p>
  );
}

function Paused({ campaign, names }: { campaign: CampaignDetail; names: ReadonlyMap<string, string> }) {
  if (campaign.state !== 'paused') return null;
  const paused = campaign.history.find((fact) => fact.kind === 'campaign.paused');
  const title = paused === undefined ? 'Sospesa' : `Sospesa da ${whoOf(paused, names)} il ${formatInstant(paused.at)}`;
  return (
    <Callout look="warn" title={title}>
      <p>Alla ripresa si continua da chi manca: nessuno riceve due volte lo stesso avviso.</p>
    </Callout>
  );
}

function Controls({ signed, campaign }: { signed: Signed; campaign: CampaignDetail }) {
  const at = `/console/campagne/${campaign.code}`;
  return (
    <>
      {isMoving(campaign) && signed.operator.roles.includes('approve') ? (
        <div class="c-buttons">
          {campaign.state === 'running' ? (
            <ActionForm action={`${at}/sospendi`} csrf={signed.csrf} label="Sospendi" />
          ) : (
            <ActionForm action={`${at}/riprendi`} csrf={signed.csrf} label="Riprendi" />
          )}
          <SecondaryLink href={`${at}/ferma`}>Ferma per sempre</SecondaryLink>
        </div>
      ) : null}
      <p>
        <a class="c-link" href={`${at}/risultati`}>
          Vedi i risultati
        </a>
      </p>
    </>
  );
}

/** For good: number, what is lost, and that it cannot be undone (ui.md §5.8). */
export function stopPage(signed: Signed, campaign: CampaignDetail, progress: CampaignProgress): string {
  const at = `/console/campagne/${campaign.code}`;
  const open = progress.people.total - progress.people.ended;
  return consolePage({
    ...signed,
    title: `Ferma ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={`${at}/avanzamento`}>Avanzamento</BackLink>
        <Title>Fermare {campaign.name}?</Title>
        <p>
          {counted(open, 'persona non riceverà', 'persone non riceveranno')} più messaggi da questa campagna.{' '}
          {counted(progress.queued, 'messaggio in coda è annullato', 'messaggi in coda sono annullati')}.
        </p>
        <p>Non si può tornare indietro. Se ha solo un dubbio, la sospenda.</p>
        <p>
          Chi ha già ricevuto un messaggio sbagliato non lo viene a sapere così: per questo c’è la{' '}
          <a class="c-link" href={`/console/rettifiche-nuova?causa=campagna&campagna=${campaign.code}`}>
            rettifica
          </a>
          .
        </p>
        <ActionForm
          action={`${at}/ferma`}
          csrf={signed.csrf}
          label={`Ferma per ${counted(open, 'persona', 'persone')}`}
        />
        <SecondaryLink href={`${at}/avanzamento`}>Torna indietro</SecondaryLink>
      </>
    ),
  });
}
