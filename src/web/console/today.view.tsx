import { formatDate, formatDateLong } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { romeDate } from '../../kernel/rome-time.ts';
import { Hidden } from '../ui/forms.tsx';
import { BackLink, PrimaryLink, Row, Rows, SecondaryLink, Title } from '../ui/parts.tsx';
import { reasonWords, startRefusedWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { StepTable } from './deadlines.view.tsx';
import { DataTable, Empty, Figure, Figures } from './parts.tsx';
import { recallTitle } from './recall-words.ts';
import { type ConsoleAlert, CsrfField, consolePage } from './shell.tsx';
import type { TodayWork } from './today.read.ts';
import { when } from './words.ts';

const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

/** O1: what waits first, then money. */
export function todayPage(signed: Signed, work: TodayWork, now: number): string {
  const rows = workRows(work);
  return consolePage({
    ...signed,
    title: 'Oggi',
    active: 'oggi',
    body: (
      <>
        <Title>Oggi</Title>
        <p class="b-lead">{formatDateLong(romeDate(now))}</p>
        {!work.everLoaded && !work.everWritten ? <FirstRun /> : null}
        <section class="b-section" aria-labelledby="lavoro">
          <h2 id="lavoro">Da fare</h2>
          {rows.length === 0 ? (
            <Empty>
              <p>Niente in attesa: nessuna approvazione, nessuna segnalazione aperta, nessun file da sistemare.</p>
            </Empty>
          ) : (
            <Rows>
              {rows.map((row) => (
                <Row key={row.href} {...row} />
              ))}
            </Rows>
          )}
        </section>
        {work.deadlines.every((step) => step.debts === 0) ? null : (
          <section class="b-section" aria-labelledby="scadenze">
            <h2 id="scadenze">Scadenze</h2>
            <p>Quando non si può più notificare l’atto, o il credito si prescrive.</p>
            <StepTable
              counts={work.deadlines.filter((step) => step.debts > 0)}
              filter={{ step: null, creditType: null }}
            />
            <p>
              <a class="c-link" href="/console/scadenze">
                Tutte le scadenze
              </a>
            </p>
          </section>
        )}
        <section class="b-section" aria-labelledby="denaro">
          <h2 id="denaro">Importi</h2>
          {work.everLoaded ? (
            <>
              <Figures>
                <Figure label="Totale delle posizioni" value={formatEuro(work.money.dueCents)} />
                <Figure
                  label="Risulta pagato"
                  value={formatEuro(work.money.paidCents)}
                  note={shareOf(work.money.paidCents, work.money.dueCents)}
                />
                <Figure
                  label={`Pagato da lunedì ${formatDate(work.money.monday)}`}
                  value={formatEuro(work.money.weekCents)}
                  note={plural(work.money.weekPayments, 'pagamento', 'pagamenti')}
                />
              </Figures>
              <p>
                <a class="c-link" href="/console/risultati">
                  Tutti i risultati
                </a>
              </p>
              <p>
                <a class="c-link" href="/console/regole">
                  Le regole in vigore
                </a>
              </p>
            </>
          ) : (
            <Empty>
              <p>Gli importi compaiono dopo il primo file caricato.</p>
            </Empty>
          )}
        </section>
      </>
    ),
  });
}

function FirstRun() {
  return (
    <section class="c-first" aria-labelledby="inizio">
      <h2 id="inizio">Per cominciare</h2>
      <ol class="b-steps">
        <li>Carichi il primo file di posizioni: prima di salvarle si vede come sono state lette.</li>
        <li>Prepari una campagna e provi chi riceverebbe che cosa: nessuno viene contattato.</li>
        <li>Una seconda persona approva il numero esatto; poi si avvia.</li>
      </ol>
      <div class="b-actions">
        <PrimaryLink href="/console/importa">Carica un file</PrimaryLink>
        <SecondaryLink href="/console/campagne">Campagne</SecondaryLink>
      </div>
    </section>
  );
}

function shareOf(part: number, whole: number): string {
  return whole <= 0 ? 'nessun importo' : `${Math.round((part * 100) / whole)}% del totale`;
}

function workRows(work: TodayWork): { href: string; title: string; note?: string }[] {
  const { disputes } = work;
  const rows: { href: string; title: string; note?: string }[] = [];
  if (disputes.late > 0) {
    rows.push({
      href: '/console/segnalazioni?stato=scadute',
      title: plural(disputes.late, 'segnalazione oltre il termine', 'segnalazioni oltre il termine'),
      note: 'La risposta è dovuta: i contatti con queste persone sono fermi.',
    });
  }
  if (disputes.open > disputes.late) {
    const soon = disputes.soon > 0 ? `${disputes.soon} entro cinque giorni. ` : '';
    const next = disputes.next === null || disputes.late > 0 ? '' : `La prima scade il ${formatDate(disputes.next)}.`;
    rows.push({
      href: '/console/segnalazioni',
      title: plural(disputes.open - disputes.late, 'segnalazione da decidere', 'segnalazioni da decidere'),
      note: `${soon}${next}`.trim() || 'Nei termini.',
    });
  }
  for (const { code, refusal } of work.refusedStarts) {
    rows.push({
      href: `/console/campagne/${encodeURIComponent(code)}`,
      title: `Campagna «${code}» non partita all’ora fissata`,
      note: startRefusedWords(refusal),
    });
  }
  for (const code of work.inApproval) {
    rows.push({
      href: `/console/campagne/${encodeURIComponent(code)}`,
      title: `Campagna «${code}» da approvare`,
      note: 'Serve una persona diversa da chi l’ha scritta.',
    });
  }
  for (const code of work.recalls) {
    rows.push({
      href: `/console/rettifiche/${encodeURIComponent(code)}`,
      title: `${recallTitle(code)} da approvare`,
      note: 'Finché nessuno approva, chi ha ricevuto qualcosa di sbagliato non lo sa.',
    });
  }
  for (const file of work.imports) {
    const bad = plural(file.rejected, 'riga da correggere', 'righe da correggere');
    const aside = plural(file.quarantined, 'riga messa da parte', 'righe messe da parte');
    rows.push({
      href: `/console/importa/${file.importId}`,
      title: file.state === 'staged' ? `File «${file.fileName}» letto, da confermare` : `File «${file.fileName}»`,
      note: `${bad}, ${aside}. ${when(file.at)}`,
    });
  }
  if (work.uncertain > 0) {
    rows.push({
      href: '/console/invii-incerti',
      title: plural(work.uncertain, 'invio di cui non si sa l’esito', 'invii di cui non si sa l’esito'),
      note: 'Non vengono ripetuti da soli: serve chiederlo al gestore.',
    });
  }
  if (work.receipts > 0) {
    rows.push({
      href: '/console/ricevute',
      title: plural(work.receipts, 'ricevuta da riconoscere', 'ricevute da riconoscere'),
      note: 'Il numero avviso non corrisponde a nessuna posizione.',
    });
  }
  return rows;
}

const DONE: Readonly<Record<string, ConsoleAlert>> = {
  si: { look: 'ok', title: 'Esito registrato' },
  prima: { look: 'info', title: 'L’esito era già arrivato', text: 'Questo invio non era più incerto.' },
};

export function uncertainPage(
  signed: Signed,
  list: readonly { deliveryId: string; reason: string | null; dueAt: number }[],
  done: string,
): string {
  const mayDecide = signed.operator.roles.includes('decide');
  return consolePage({
    ...signed,
    title: 'Invii incerti',
    active: 'oggi',
    alert: DONE[done],
    body: (
      <>
        <BackLink href="/console">Oggi</BackLink>
        <Title>Invii di cui non si sa l’esito</Title>
        <p class="b-text">
          La linea è caduta mentre il messaggio partiva. Chieda al gestore che cosa risulta e lo segni qui: nessuno
          viene contattato due volte per questo.
        </p>
        {list.length === 0 ? (
          <Empty>
            <p>Nessun invio incerto.</p>
          </Empty>
        ) : (
          <DataTable
            id="incerti"
            caption={plural(list.length, 'invio', 'invii')}
            head={['Invio', 'Previsto', 'Perché', 'Che cosa dice il gestore']}
            rows={list.map((one) => [
              <span class="c-code">{one.deliveryId}</span>,
              when(one.dueAt),
              one.reason === null ? 'non si sa' : reasonWords(one.reason),
              mayDecide ? (
                <div class="c-buttons">
                  <Resolve signed={signed} id={one.deliveryId} outcome="handedOver" label="Lo ha ricevuto" />
                  <Resolve signed={signed} id={one.deliveryId} outcome="failed" label="Non lo ha mai avuto" />
                </div>
              ) : (
                'Serve chi decide'
              ),
            ])}
          />
        )}
      </>
    ),
  });
}

function Resolve(props: { signed: Signed; id: string; outcome: string; label: string }) {
  return (
    <form method="post" action={`/console/invii-incerti/${props.id}`}>
      <CsrfField csrf={props.signed.csrf} />
      <Hidden name="esito" value={props.outcome} />
      <button class="c-button" type="submit">
        {props.label}
      </button>
    </form>
  );
}

export function receiptsPage(
  signed: Signed,
  list: readonly { receiptId: string; noticeNumber: string; amountCents: number }[],
): string {
  return consolePage({
    ...signed,
    title: 'Ricevute da riconoscere',
    active: 'oggi',
    body: (
      <>
        <BackLink href="/console">Oggi</BackLink>
        <Title>Ricevute da riconoscere</Title>
        <p class="b-text">
          Questi pagamenti portano un numero avviso che qui non risulta. Si registrano da soli quando arriva la
          posizione con quel numero.
        </p>
        {list.length === 0 ? (
          <Empty>
            <p>Nessuna ricevuta in attesa.</p>
          </Empty>
        ) : (
          <DataTable
            id="ricevute"
            caption={plural(list.length, 'ricevuta', 'ricevute')}
            head={['Ricevuta', 'Numero avviso', 'Importo']}
            figures={[2]}
            rows={list.map((one) => [one.receiptId, one.noticeNumber, formatEuro(one.amountCents)])}
          />
        )}
      </>
    ),
  });
}
