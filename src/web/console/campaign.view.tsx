import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignProblem } from '../../modules/campaigns/index.ts';
import type { CampaignDetail, CampaignFact, CampaignRow } from '../../modules/insight/index.ts';
import { BackLink, Badge, Callout, PrimaryLink, Row, Rows, Title } from '../ui/parts.tsx';
import type { FoundCampaign } from './campaign-find.ts';
import { ActionForm, DataTable, DateField, Problem, Problems, TimeField } from './campaign-parts.tsx';
import { campaignState, count, counted, factWords, startRefusedWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { consolePage } from './shell.tsx';

const HOME = '/console/campagne';

export function CampaignBadge({ state }: { state: string }) {
  const [words, look] = campaignState(state);
  return <Badge look={look}>{words}</Badge>;
}

/** All the campaigns of the body. */
export function campaignsPage(signed: Signed, rows: readonly CampaignRow[]): string {
  return consolePage({
    ...signed,
    title: 'Campagne',
    active: 'campagne',
    body: (
      <>
        <Title>Campagne</Title>
        {signed.operator.roles.includes('write') ? (
          <PrimaryLink href="/console/campagne-nuova">Nuova campagna</PrimaryLink>
        ) : null}
        <DataTable
          caption="Campagne dell’ente"
          empty="Non c’è ancora nessuna campagna. Si comincia importando un file di posizioni, poi si scrive la campagna."
          columns={[{ label: 'Campagna' }, { label: 'Codice' }, { label: 'Stato' }, { label: 'Avviata' }]}
          rows={rows.map((one) => [
            <a href={`${HOME}/${one.code}`}>{one.name}</a>,
            one.code,
            <CampaignBadge state={one.state} />,
            one.startedAt === null ? 'non ancora' : formatInstant(one.startedAt),
          ])}
        />
        <Rows>
          <Row
            href="/console/rettifiche"
            title="Rettifiche"
            note="Per correggere, con chi l’ha ricevuto, un messaggio sbagliato"
          />
          <Row
            href="/console/testi"
            title="Testi dei messaggi"
            note="Si scrivono una volta e si usano in più campagne"
          />
        </Rows>
      </>
    ),
  });
}

const OUTCOMES: Readonly<Record<string, string>> = {
  proposta: 'Proposta: ora serve l’approvazione di una seconda persona',
  approvata: 'Approvata: si può avviare',
  rimandata: 'Rimandata a chi l’ha scritta',
  programmata: 'Programmata: si avvia da sola all’ora fissata',
  annullata: 'Avvio annullato: resta approvata',
};

/** Facts by which a draft changes hands: the latest says whether it was sent back. */
const HANDED = new Set(['campaign.submitted', 'campaign.sentBack', 'campaign.startRefused']);

/** O3: what the campaign is, what has been done, and the one thing to do next. */
export function campaignPage(
  signed: Signed,
  campaign: FoundCampaign,
  problems: readonly CampaignProblem[],
  names: ReadonlyMap<string, string>,
  outcome: string,
  problem: string | null = null,
): string {
  const done = OUTCOMES[outcome];
  const handed = campaign.history.find(({ kind }) => HANDED.has(kind));
  const sentBack = handed?.kind === 'campaign.sentBack' ? handed : null;
  return consolePage({
    ...signed,
    title: problem === null ? campaign.name : `Errore: ${campaign.name}`,
    active: 'campagne',
    alert: done === undefined ? undefined : { look: 'ok', title: done },
    body: (
      <>
        <BackLink href={HOME}>Campagne</BackLink>
        <Title>{campaign.name}</Title>
        <p class="b-status">
          <CampaignBadge state={campaign.state} />
          <span>
            {campaign.code}, versione {campaign.version}
          </span>
        </p>
        {problem === null ? null : <Problem title="Non è stato possibile" text={problem} />}
        {sentBack === null || campaign.state !== 'draft' ? null : (
          <Callout look="warn" title={`Rimandata da ${whoOf(sentBack, names)}`}>
            <p>{String(sentBack.facts.reason ?? '')}</p>
          </Callout>
        )}
        {campaign.startRefused === null ? null : (
          <Callout look="warn" title="Non è partita all’ora fissata">
            <p>{startRefusedWords(campaign.startRefused)}</p>
          </Callout>
        )}
        {campaign.state === 'draft' ? <Problems list={problems} /> : null}
        <Tasks campaign={campaign} problems={problems.length} />
        <NextStep signed={signed} campaign={campaign} />
        <h2 class="c-h2">Storia</h2>
        <DataTable
          caption="Che cosa è stato fatto e da chi"
          empty="Ancora nulla: la campagna è stata solo scritta."
          columns={[{ label: 'Quando' }, { label: 'Che cosa' }, { label: 'Chi' }]}
          rows={campaign.history.map((fact) => [formatInstant(fact.at), factWords(fact.kind), whoOf(fact, names)])}
        />
      </>
    ),
  });
}

export function whoOf(fact: CampaignFact, names: ReadonlyMap<string, string>): string {
  return names.get(fact.actor.replace('operator:', '')) ?? 'il programma';
}

function Tasks({ campaign, problems }: { campaign: CampaignDetail; problems: number }) {
  const at = `${HOME}/${campaign.code}`;
  const counts = campaign.rehearsal?.counts;
  const rehearsed =
    counts === undefined
      ? 'da fare'
      : `${counted(counts.toContact, 'persona', 'persone')} da contattare su ${count(counts.audience)}, per ${formatEuro(counts.dueCents)}`;
  const begun = !['draft', 'inApproval', 'approved', 'scheduled'].includes(campaign.state);
  return (
    <Rows>
      <Row
        href={`${at}/modifica`}
        title="Pubblico, cascata e limiti"
        note={campaign.state !== 'draft' ? 'si possono solo leggere' : problems > 0 ? 'da correggere' : 'a posto'}
      />
      <Row href="/console/testi" title="Testi" note="anteprima e versioni" />
      <Row href={`${at}/prova`} title="Prova" note={rehearsed} />
      <Row href={`${at}/approva`} title="Approvazione" note={approvalNote(campaign)} />
      {begun ? (
        <Row href={`${at}/avanzamento`} title="Avanzamento" note="messaggi in coda, consegnati, falliti" />
      ) : null}
      {begun ? <Row href={`${at}/risultati`} title="Risultati" note="chi ha letto, chi ha pagato" /> : null}
      {begun ? (
        <Row
          href={`/console/rettifiche-nuova?causa=campagna&campagna=${campaign.code}`}
          title="C’era un errore?"
          note="correggerlo con tutti quelli che hanno ricevuto un messaggio"
        />
      ) : null}
    </Rows>
  );
}

function approvalNote(campaign: CampaignDetail): string {
  if (campaign.state === 'draft') return 'dopo la prova';
  return campaign.state === 'inApproval' ? 'aspetta una seconda persona' : 'approvata';
}

function NextStep({ signed, campaign }: { signed: Signed; campaign: FoundCampaign }) {
  const at = `${HOME}/${campaign.code}`;
  if (campaign.state === 'draft') return <PrimaryLink href={`${at}/prova`}>Vai alla prova</PrimaryLink>;
  if (campaign.state === 'inApproval') return <PrimaryLink href={`${at}/approva`}>Vai all’approvazione</PrimaryLink>;
  const decides = signed.operator.roles.includes('approve');
  if (campaign.state === 'scheduled') {
    return (
      <Callout look="info" title={`Programmata: si avvia il ${formatInstant(campaign.startAt ?? 0)}`}>
        <p>
          A quell’ora si ricontano le persone. Se il numero non è quello approvato non parte nulla e la campagna torna a
          chi l’ha scritta.
        </p>
        {decides ? (
          <ActionForm
            action={`${at}/disdici`}
            csrf={signed.csrf}
            label="Annulla l’avvio programmato"
            look="secondary"
          />
        ) : null}
      </Callout>
    );
  }
  if (campaign.state !== 'approved') return <PrimaryLink href={`${at}/avanzamento`}>Vedi l’avanzamento</PrimaryLink>;
  if (!decides) return <p>La avvia chi ha il permesso di approvare.</p>;
  return (
    <>
      <ActionForm action={`${at}/avvia`} csrf={signed.csrf} label="Avvia la campagna">
        <p>I messaggi partono negli orari consentiti. Può sospendere in ogni momento.</p>
      </ActionForm>
      <h2 class="c-h2">Oppure la avvii più tardi</h2>
      <ActionForm action={`${at}/programma`} csrf={signed.csrf} label="Programma l’avvio" look="secondary">
        <div class="c-grid">
          <DateField id="giorno" label="Giorno" />
          <TimeField id="ora" label="Ora (di Roma)" />
        </div>
        <p class="b-hint">Si avvia da sola, se a quell’ora le persone da contattare sono quelle approvate.</p>
      </ActionForm>
    </>
  );
}
