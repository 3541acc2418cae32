import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { formatInstant } from '../../kernel/rome-time.ts';
import type { FileAnalysis, ImportCounts } from '../../modules/debts/index.ts';
import { BackLink, Details, Title } from '../ui/parts.tsx';
import { ActionForm, DataTable, Figure, Figures, Problem } from './campaign-parts.tsx';
import { count, counted, rowCodeWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { columnOf, FIELDS } from './import-mapping.ts';
import type { SpooledFile } from './import-spool.ts';
import { ImportBadge } from './import-staged.view.tsx';
import { CsrfField, consolePage } from './shell.tsx';

const HOME = '/console/importa';

/** O2, first page: send a file, and the files of before. */
export function uploadPage(signed: Signed, imports: readonly ImportCounts[], problem: string | null): string {
  return consolePage({
    ...signed,
    title: problem === null ? 'Importa' : 'Errore: Importa',
    active: 'importa',
    body: (
      <>
        <Title>Importa un file di posizioni</Title>
        {problem === null ? null : <Problem title="Il file non è stato letto" text={problem} />}
        <form class="b-card" method="post" action={HOME} enctype="multipart/form-data">
          <CsrfField csrf={signed.csrf} />
          <div class="b-field">
            <label for="tipo">Tipo di credito</label>
            <select id="tipo" name="tipo" class="b-input c-select">
              {signed.ente.creditTypes.map((type) => (
                <option key={type.code} value={type.code}>
                  {type.name}
                </option>
              ))}
            </select>
          </div>
          <div class="b-field">
            <label for="file">File CSV</label>
            <p class="b-hint" id="file-aiuto">
              Con i nomi delle colonne nella prima riga. Prima di caricarlo Le mostriamo che cosa abbiamo capito.
            </p>
            <input
              id="file"
              name="file"
              class="b-input"
              type="file"
              accept=".csv,.txt,text/csv"
              aria-describedby="file-aiuto"
              required
            />
          </div>
          <button class="btn btn-primary" type="submit">
            Leggi il file
          </button>
        </form>
        <h2 class="c-h2">File precedenti</h2>
        <DataTable
          caption="File letti e caricati"
          empty="Nessun file è stato ancora caricato."
          columns={[
            { label: 'File' },
            { label: 'Quando' },
            { label: 'Credito' },
            { label: 'Stato' },
            { label: 'Righe', numeric: true },
            { label: 'Da correggere', numeric: true },
            { label: 'Da parte', numeric: true },
          ]}
          rows={imports.map((one) => [
            <a href={`${HOME}/${one.importId}`}>{one.fileName}</a>,
            formatInstant(one.at),
            one.creditType,
            <ImportBadge one={one} />,
            count(one.rows),
            count(one.rejected),
            count(one.quarantined),
          ])}
        />
      </>
    ),
  });
}

/** The file as it was understood, and its columns; `problem` when it could not be read. */
export function previewPage(
  signed: Signed,
  file: SpooledFile,
  header: readonly string[],
  problem: string | null,
): string {
  const { analysis } = file;
  const at = `${HOME}/file/${file.id}`;
  const mapping = <Mapping signed={signed} file={file} header={header} />;
  return consolePage({
    ...signed,
    title: problem === null ? `Controlla ${file.fileName}` : `Errore: ${file.fileName}`,
    active: 'importa',
    body: (
      <>
        <BackLink href={HOME}>Importa</BackLink>
        <Title>Controlla il file {file.fileName}</Title>
        {problem === null ? null : <Problem title="Il file non si può ancora caricare" text={problem} />}
        {analysis === null ? null : <Understood analysis={analysis} />}
        {header.length === 0 ? null : analysis === null ? (
          <>
            <h2 class="c-h2">Quale colonna è quale</h2>
            {mapping}
          </>
        ) : (
          <Details summary="Cambia le colonne">{mapping}</Details>
        )}
        {analysis === null ? null : <Next signed={signed} analysis={analysis} at={at} />}
        <ActionForm action={`${at}/dimentica`} csrf={signed.csrf} label="Lascia perdere questo file" look="secondary" />
      </>
    ),
  });
}

function Next({ signed, analysis, at }: { signed: Signed; analysis: FileAnalysis; at: string }) {
  const { accepted, rejected, quarantined } = analysis.verdicts;
  const bad = rejected + quarantined;
  const label =
    bad === 0
      ? `Carica ${counted(accepted, 'riga', 'righe')}`
      : `Controlla ${counted(bad, 'riga che non va', 'righe che non vanno')}`;
  return (
    <ActionForm action={`${at}/carica`} csrf={signed.csrf} label={label}>
      {bad === 0 ? null : <p>Per ora non si carica niente: nella prossima pagina decide Lei.</p>}
    </ActionForm>
  );
}

function Understood({ analysis }: { analysis: FileAnalysis }) {
  const { accepted, rejected, quarantined } = analysis.verdicts;
  const used = FIELDS.filter(({ field }) => analysis.preview.some((row) => row.fields[field] !== undefined));
  const notes = [...Object.entries(analysis.codes), ...Object.entries(analysis.warnings)];
  return (
    <>
      <Figures>
        <Figure label="Righe lette" value={count(analysis.rows)} />
        <Figure label="Buone" value={count(accepted)} />
        <Figure label="Da correggere" value={count(rejected)} />
        <Figure label="Da controllare" value={count(quarantined)} />
        <Figure label="Importo delle righe buone" value={formatEuro(analysis.totalCents)} />
      </Figures>
      {analysis.dueDates === null ? null : (
        <p>
          Scadenze dal {formatDate(analysis.dueDates.first)} al {formatDate(analysis.dueDates.last)}.
        </p>
      )}
      {analysis.unmapped.length === 0 ? null : <p>Colonne non usate: {analysis.unmapped.join(', ')}.</p>}
      <h2 class="c-h2">Le prime righe, come le abbiamo capite</h2>
      <DataTable
        caption="Prime righe del file"
        columns={[{ label: 'Riga', numeric: true }, { label: 'Esito' }, ...used.map(({ label }) => ({ label }))]}
        rows={analysis.preview.map((row) => [
          count(row.line),
          row.verdict === 'accepted' ? 'buona' : row.verdict === 'quarantined' ? 'da controllare' : 'da correggere',
          ...(row.verdict === 'rejected' && used.length > 0
            ? [row.fields.errore ?? '', ...used.slice(1).map(() => '')]
            : used.map(({ field }) => row.fields[field] ?? '')),
        ])}
      />
      {notes.length === 0 ? null : (
        <>
          <h2 class="c-h2">Che cosa non va</h2>
          <ul>
            {notes.map(([code, n]) => (
              <li key={code}>
                {counted(n, 'riga', 'righe')}. Per esempio:{' '}
                {analysis.examples[code]?.[0]?.message ?? rowCodeWords(code)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Mapping({ signed, file, header }: { signed: Signed; file: SpooledFile; header: readonly string[] }) {
  const profile = file.analysis?.profile ?? file.profile;
  return (
    <form method="post" action={`${HOME}/file/${file.id}/colonne`}>
      <CsrfField csrf={signed.csrf} />
      <div class="c-grid">
        {FIELDS.map(({ field, label, required }) => {
          const chosen = columnOf(profile, field);
          return (
            <div class="b-field" key={field}>
              <label for={`c-${field}`}>
                {label}
                {required ? ' (obbligatorio)' : ''}
              </label>
              <select id={`c-${field}`} name={field} class="b-input c-select">
                <option value="">Non c’è</option>
                {header.map((column) => (
                  <option key={column} value={column} selected={column === chosen}>
                    {column}
                  </option>
                ))}
              </select>
            </div>
          );
        })}
      </div>
      <button class="btn btn-outline-primary" type="submit">
        Rileggi con queste colonne
      </button>
    </form>
  );
}
