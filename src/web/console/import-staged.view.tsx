import { formatInstant } from '../../kernel/rome-time.ts';
import type { ImportCounts } from '../../modules/debts/index.ts';
import type { ImportProblem } from '../../modules/insight/index.ts';
import { BackLink, Badge, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Figure, Figures, Problem } from './campaign-parts.tsx';
import { count, counted, importState, rowCodeWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { consolePage } from './shell.tsx';

const HOME = '/console/importa';

const OUTCOMES: Readonly<Record<string, { look: 'ok' | 'warn' | 'info'; title: string }>> = {
  caricato: { look: 'ok', title: 'Il file è stato caricato' },
  uguale: { look: 'warn', title: 'Questo file era già stato caricato: non è cambiato nulla' },
  dimenticato: { look: 'info', title: 'Il file è stato dimenticato' },
};

/** An import of the database: what it holds, what stands in its way, and what to do. */
export function importPage(
  signed: Signed,
  one: ImportCounts,
  problems: readonly ImportProblem[],
  outcome: string,
  problem: string | null,
): string {
  const bad = one.rejected + one.quarantined;
  const at = `${HOME}/${one.importId}`;
  return consolePage({
    ...signed,
    title: problem === null ? one.fileName : `Errore: ${one.fileName}`,
    active: 'importa',
    alert: OUTCOMES[outcome],
    body: (
      <>
        <BackLink href={HOME}>Importa</BackLink>
        <Title>{one.fileName}</Title>
        <p class="b-status">
          <ImportBadge one={one} />
          <span>
            {one.creditType}, letto il {formatInstant(one.at)}
          </span>
        </p>
        {problem === null ? null : <Problem title="Non è stato possibile" text={problem} />}
        <Figures>
          <Figure label="Righe" value={count(one.rows)} />
          <Figure label="Posizioni nuove" value={count(one.created)} />
          <Figure label="Corrette" value={count(one.changed)} />
          <Figure label="Uguali a prima" value={count(one.unchanged)} />
          <Figure label="Da correggere" value={count(one.rejected)} />
          <Figure label="Da parte" value={count(one.quarantined)} />
        </Figures>
        {bad === 0 || one.state === 'discarded' ? null : (
          <>
            <h2 class="c-h2">
              {counted(bad, 'riga', 'righe')} su {count(one.rows)} da guardare
            </h2>
            <p>Corregga il file e lo carichi di nuovo, o prosegua senza quelle righe.</p>
            <ul>
              {one.rejected === 0 ? null : (
                <li>
                  <a class="c-link" href={`${at}/righe/da-correggere`}>
                    Scarica le righe da correggere (CSV)
                  </a>
                </li>
              )}
              {one.quarantined === 0 ? null : (
                <li>
                  <a class="c-link" href={`${at}/righe/da-parte`}>
                    Scarica le righe messe da parte (CSV)
                  </a>
                </li>
              )}
            </ul>
            <DataTable
              caption={bad > problems.length ? `Le prime ${problems.length} righe da guardare` : 'Righe da guardare'}
              columns={[
                { label: 'Riga', numeric: true },
                { label: 'Colonna' },
                { label: 'Che cosa non va' },
                { label: 'Esito' },
              ]}
              rows={problems.map((row) => [
                count(row.line),
                row.column ?? '',
                rowCodeWords(row.code),
                row.verdict === 'rejected' ? 'da correggere' : 'da parte',
              ])}
            />
          </>
        )}
        {one.state === 'staged' || one.state === 'committing' ? <Decide signed={signed} one={one} at={at} /> : null}
        {one.state === 'committed' ? (
          <p>
            <a class="btn btn-primary" href="/console/campagne">
              Vai alle campagne
            </a>
          </p>
        ) : null}
      </>
    ),
  });
}

function Decide({ signed, one, at }: { signed: Signed; one: ImportCounts; at: string }) {
  return (
    <>
      <ActionForm
        action={`${at}/carica`}
        csrf={signed.csrf}
        label={`Carica ${counted(one.accepted, 'riga buona', 'righe buone')}`}
      >
        {one.quarantined === 0 ? null : (
          <div class="b-choice">
            <input type="checkbox" id="daParte" name="daParte" value="si" />
            <label for="daParte">
              Ho guardato le righe messe da parte: carica anche quelle ({count(one.quarantined)})
            </label>
          </div>
        )}
      </ActionForm>
      {one.state === 'staged' ? (
        <ActionForm action={`${at}/dimentica`} csrf={signed.csrf} label="Dimentica questo file" look="secondary" />
      ) : null}
    </>
  );
}

export function ImportBadge({ one }: { one: ImportCounts }) {
  const [words, look] = importState(one);
  return <Badge look={look}>{words}</Badge>;
}
