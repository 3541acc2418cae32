import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { CampaignDetail, CampaignOutcome, CampaignResults, CampaignRow } from '../../modules/insight/index.ts';
import { BackLink, Title } from '../ui/parts.tsx';
import { DataTable, Figure, Figures } from './campaign-parts.tsx';
import { count, reasonWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { MoneyChart } from './results-chart.tsx';
import { Bars, Chart } from './results-parts.tsx';
import {
  channelSentence,
  costOrNot,
  costSentence,
  exclusionSentence,
  funnelSentence,
  moneySentence,
  perEuroWords,
  returnSentence,
} from './results-words.ts';
import { consolePage } from './shell.tsx';

/** Every campaign that was started, with what came of it. */
export function allResultsPage(
  signed: Signed,
  {
    asOf,
    started,
    outcomes,
  }: {
    readonly asOf: number;
    readonly started: readonly CampaignRow[];
    readonly outcomes: ReadonlyMap<string, CampaignOutcome>;
  },
): string {
  return consolePage({
    ...signed,
    title: 'Risultati',
    active: 'campagne',
    body: (
      <>
        <BackLink href="/console/campagne">Campagne</BackLink>
        <Title>Risultati</Title>
        <AsOf at={asOf} />
        <DataTable
          caption="Risultati delle campagne avviate"
          empty="È troppo presto: nessuna campagna è stata ancora avviata."
          columns={[
            { label: 'Campagna' },
            { label: 'Contattate', numeric: true },
            { label: 'Hanno pagato', numeric: true },
            { label: 'Incassato', numeric: true },
            { label: 'Costo', numeric: true },
            { label: 'Costo per euro', numeric: true },
          ]}
          rows={started.map(({ campaignId, code, name }) => {
            const outcome = outcomes.get(campaignId);
            const link = <a href={`/console/campagne/${code}/risultati`}>{name}</a>;
            if (outcome === undefined) return [link];
            return [
              link,
              count(outcome.contacted),
              count(outcome.paid),
              formatEuro(outcome.paidCents),
              costOrNot(outcome.cost.cents),
              outcome.cost.perEuro === null ? '-' : perEuroWords(outcome.cost.perEuro),
            ];
          })}
        />
      </>
    ),
  });
}

const AsOf = ({ at }: { readonly at: number }) => <p class="b-hint">Numeri aggiornati al {formatInstant(at)}.</p>;

/** O9: each picture has a sentence that says what it shows, a table with its numbers, and a file. */
export function resultsPage(signed: Signed, campaign: CampaignDetail, results: CampaignResults): string {
  const at = `/console/campagne/${campaign.code}/risultati`;
  const { funnel, money, cost } = results;
  return consolePage({
    ...signed,
    title: `Risultati di ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={`/console/campagne/${campaign.code}`}>La campagna</BackLink>
        <Title>Risultati di {campaign.name}</Title>
        {funnel.audience === 0 ? (
          <p>
            È troppo presto: la campagna non ha ancora preparato nessun avviso. I risultati compaiono qui dopo l’avvio.
          </p>
        ) : (
          <>
            <AsOf at={results.asOf} />
            <Figures>
              <Figure label="Contattate" value={count(funnel.contacted)} href={`${at}/contacted`} />
              <Figure label="Hanno letto" value={count(funnel.read)} href={`${at}/read`} />
              <Figure label="Hanno pagato" value={count(funnel.paid)} href={`${at}/paid`} />
              <Figure label="Incassato" value={formatEuro(money.paidCents)} />
              <Figure label="Comunicato" value={formatEuro(money.toldCents)} />
              <Figure label="Costo dei messaggi" value={costOrNot(cost.cents)} />
            </Figures>
            <Chart at={at} name="imbuto" results={results} sentence={funnelSentence(results)}>
              <Bars
                bars={[
                  { label: 'Nel pubblico', n: funnel.audience, href: null },
                  { label: 'Con un avviso', n: funnel.planned, href: `${at}/planned` },
                  { label: 'Contattate', n: funnel.contacted, href: `${at}/contacted` },
                  { label: 'Hanno letto', n: funnel.read, href: `${at}/read` },
                  { label: 'Hanno pagato', n: funnel.paid, href: `${at}/paid` },
                ]}
              />
            </Chart>
            <Chart at={at} name="incassi" results={results} sentence={moneySentence(results)}>
              {results.byDay.length === 0 ? null : <MoneyChart points={results.byDay} label={moneySentence(results)} />}
            </Chart>
            <Chart at={at} name="canali" results={results} sentence={channelSentence(results)} open />
            <Chart at={at} name="costi" results={results} sentence={costSentence(results)} open />
            <Chart at={at} name="resa" results={results} sentence={returnSentence(results)} open />
            <Chart at={at} name="esclusioni" results={results} sentence={exclusionSentence(results)}>
              <Bars
                bars={results.exclusions.map((one) => ({
                  label: reasonWords(one.reason),
                  n: one.n,
                  href: `${at}/excluded?motivo=${encodeURIComponent(one.reason)}`,
                }))}
              />
            </Chart>
          </>
        )}
      </>
    ),
  });
}
