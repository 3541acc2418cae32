import type { VerifyReport } from '../../modules/audit/index.ts';
import { SubmitButton } from '../ui/forms.tsx';
import { BackLink, Badge, Bullets, Callout, Title } from '../ui/parts.tsx';
import type { Signed } from './context.ts';
import { DataTable, Empty, Figure, Figures, Pager } from './parts.tsx';
import type { LeafPage } from './register.read.ts';
import { CsrfField, consolePage } from './shell.tsx';
import { factName, when } from './words.ts';

export function auditPage(signed: Signed, page: LeafPage, older: boolean): string {
  return consolePage({
    ...signed,
    title: 'Registro',
    active: 'registro',
    body: (
      <>
        <Title>Registro</Title>
        <p class="b-text">
          Chi ha fatto che cosa e quando. Si può solo aggiungere; ogni minuto i fatti nuovi vengono sigillati. Nomi,
          recapiti e testi non ci sono: solo numeri e riferimenti.
        </p>
        <form method="post" action="/console/registro/verifica">
          <CsrfField csrf={signed.csrf} />
          <SubmitButton secondary>Verifica il registro</SubmitButton>
        </form>
        {page.lines.length === 0 ? (
          <Empty>
            <p>Ancora nessun fatto.</p>
          </Empty>
        ) : (
          <DataTable
            id="fatti"
            caption={older ? 'Fatti meno recenti' : 'Gli ultimi fatti'}
            head={['Quando', 'Che cosa', 'Chi', 'Righe', 'Riferimenti', 'Sigillo']}
            figures={[3]}
            rows={page.lines.map((line) => [
              when(line.at),
              factName(line.kind),
              line.who,
              line.rowCount.toLocaleString('it-IT', { useGrouping: 'always' }),
              <span class="c-facts">{factsText(line.facts)}</span>,
              <Badge look={line.sealed ? 'ok' : 'wait'}>{line.sealed ? 'sigillato' : 'da sigillare'}</Badge>,
            ])}
          />
        )}
        <Pager
          label="Pagine del registro"
          previous={older ? '/console/registro' : null}
          next={page.next === null ? null : `/console/registro?prima=${page.next}`}
        />
      </>
    ),
  });
}

/** `code giro, version 2`: as they stand in the leaf, since they are what was sealed. */
function factsText(facts: Readonly<Record<string, unknown>>): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

export function verifiedPage(
  signed: Signed,
  result: {
    readonly report: VerifyReport;
    readonly mismatches: number;
    readonly exported: number;
    readonly at: number;
  },
): string {
  const { report, mismatches } = result;
  const sound = report.valid && mismatches === 0;
  const count = (n: number) => n.toLocaleString('it-IT', { useGrouping: 'always' });
  return consolePage({
    ...signed,
    title: 'Verifica del registro',
    active: 'registro',
    body: (
      <>
        <BackLink href="/console/registro">Registro</BackLink>
        <Title>Verifica del registro</Title>
        {sound ? (
          <Callout look="ok" title="Il registro è integro">
            <p>Ogni fatto, ogni sigillo e ogni legame tra sigilli è stato ricalcolato il {when(result.at)}.</p>
          </Callout>
        ) : (
          <Callout look="warn" title="Qualcosa non torna">
            <p>Avvisi chi gestisce il sistema e non modifichi nulla.</p>
            <Bullets
              items={[
                ...report.faults.slice(0, 20),
                ...(mismatches > 0 ? [`${count(mismatches)} posizioni non quadrano con i loro movimenti`] : []),
              ]}
            />
          </Callout>
        )}
        <Figures>
          <Figure label="Fatti" value={count(report.events)} />
          <Figure label="Sigilli" value={count(report.seals)} />
          <Figure label="Da sigillare" value={count(report.unsealed)} />
          <Figure label="Sigilli esportati e confrontati" value={count(result.exported)} />
        </Figures>
      </>
    ),
  });
}
