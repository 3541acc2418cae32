import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignProblem } from '../../modules/campaigns/index.ts';
import type { CampaignDetail, CampaignFact, CampaignRow } from '../../modules/insight/index.ts';
import { BackLink, Badge, Callout, PrimaryLink, Row, Rows, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Problem, Problems } from './campaign-parts.tsx';
import { campaignState, count, counted, factWords } from './campaign-words.ts';
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
          <PrimaryLink href="/console/campagne-nuova">Scrivi una campagna</PrimaryLink>
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
};

/** O3: what the campaign is, what has been done, and the one thing to do next. */
export function campaignPage(
  signed: Signed,
  campaign: CampaignDetail,
  problems: readonly CampaignProblem[],
  names: ReadonlyMap<string, string>,
  outcome: string,
  problem: string | null = null,
): string {
  const done = OUTCOMES[outcome];
  const sentBack = campaign.history[0]?.kind === 'campaign.sentBack' ? campaign.history[0] : null;
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
  const begun = !['draft', 'inApproval', 'approved'].includes(campaign.state);
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
    </Rows>
  );
}

function approvalNote(campaign: CampaignDetail): string {
  if (campaign.state === 'draft') return 'dopo la prova';
  return campaign.state === 'inApproval' ? 'aspetta una seconda persona' : 'approvata';
}

function NextStep({ signed, campaign }: { signed: Signed; campaign: CampaignDetail }) {
  const at = `${HOME}/${campaign.code}`;
  if (campaign.state === 'draft') return <PrimaryLink href={`${at}/prova`}>Vai alla prova</PrimaryLink>;
  if (campaign.state === 'inApproval') return <PrimaryLink href={`${at}/approva`}>Vai all’approvazione</PrimaryLink>;
  if (campaign.state !== 'approved') return <PrimaryLink href={`${at}/avanzamento`}>Vedi l’avanzamento</PrimaryLink>;
  if (!signed.operator.roles.includes('approve')) return <p>La avvia chi ha il permesso di approvare.</p>;
  return (
    <ActionForm action={`${at}/avvia`} csrf={signed.csrf} label="Avvia la campagna">
      <p>I messaggi partono negli orari consentiti. Può sospendere in ogni momento.</p>
    </ActionForm>
  );
}
