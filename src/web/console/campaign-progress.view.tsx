import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignDetail, CampaignProgress } from '../../modules/insight/index.ts';
import { BackLink, Callout, SecondaryLink, Title } from '../ui/parts.tsx';
import { CampaignBadge, whoOf } from './campaign.view.tsx';
import { ActionForm, DataTable, Figure, Figures } from './campaign-parts.tsx';
import { count, counted, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { consoleFragment, consolePage } from './shell.tsx';

interface Shown {
  readonly signed: Signed;
  readonly campaign: CampaignDetail;
  readonly progress: CampaignProgress;
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
      </>
    ),
  });
}

export function progressFragment(shown: Shown): string {
  return consoleFragment(<Live {...shown} />);
}

/** The piece that is fetched anew; it stops asking when there is nothing more to see. */
function Live({ campaign, progress, names, now }: Shown) {
  const at = `/console/campagne/${campaign.code}/avanzamento`;
  const moving = campaign.state === 'running' || campaign.state === 'paused';
  const polling = moving ? { 'hx-get': at, 'hx-trigger': 'every 5s', 'hx-swap': 'outerMorph' } : {};
  const results = `/console/campagne/${campaign.code}/risultati`;
  const settled = progress.total - progress.queued - progress.onTheWire;
  const quarter = progress.total === 0 ? 0 : Math.floor((settled * 4) / progress.total) * 25;
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
      <div class="b-field">
        <label for="barra">Messaggi già partiti o chiusi</label>
        <progress id="barra" class="c-progress" max={Math.max(progress.total, 1)} value={settled} />
        <p>
          {count(settled)} su {counted(progress.total, 'messaggio', 'messaggi')}.
        </p>
      </div>
      {/* Only the quarters are announced: a reader is not told every number every five seconds. */}
      <p class="visually-hidden" role="status">
        {progress.total === 0 ? 'Nessun messaggio preparato.' : `${quarter} per cento.`}
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

function paceSentence(campaign: CampaignDetail, progress: CampaignProgress): string {
  if (campaign.state === 'paused') return 'Finché è sospesa non parte nulla.';
  if (campaign.state !== 'running') return 'Non c’è più nulla da mandare.';
  const pace =
    progress.lastHour === 0 ? '' : ` Nell’ultima ora: ${counted(progress.lastHour, 'messaggio', 'messaggi')}.`;
  if (progress.endAt !== null) return `La coda dovrebbe finire il ${formatInstant(progress.endAt)}.${pace}`;
  if (progress.queued + progress.onTheWire > 0) return `I messaggi in coda partono al prossimo giro.${pace}`;
  if (progress.nextStepAt !== null)
    return `La coda è vuota. Il prossimo passo è il ${formatInstant(progress.nextStepAt)}.${pace}`;
  return progress.total === 0 ? 'Gli avvisi si stanno preparando.' : `La coda è vuota.${pace}`;
}

function Controls({ signed, campaign }: { signed: Signed; campaign: CampaignDetail }) {
  const at = `/console/campagne/${campaign.code}`;
  const moving = campaign.state === 'running' || campaign.state === 'paused';
  return (
    <>
      {moving && signed.operator.roles.includes('approve') ? (
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
