import { formatEuro } from '../../kernel/money.ts';
import { type OpenedSample, parseCampaign, type SamplePerson } from '../../modules/campaigns/index.ts';
import { maskedCode } from '../../modules/debtors/index.ts';
import { BackLink, Details, Title } from '../ui/parts.tsx';
import type { FoundCampaign } from './campaign-find.ts';
import { DataTable, Problem } from './campaign-parts.tsx';
import { channelWords } from './campaign-words.ts';
import type { Signed } from './context.ts';
import { CsrfField, consolePage } from './shell.tsx';

interface SamplesProps {
  readonly people: readonly SamplePerson[];
  /** Whether a try can be sent at all. */
  readonly mail: boolean;
  readonly problem: string | null;
  readonly sent: boolean;
  /** What was typed as an address. */
  readonly to: string;
}

/** `R••• M•••`, `O•••`: enough to tell two rows apart, not to know anybody (ui.md §5.13). */
function maskedName({ surname, name, companyName }: SamplePerson['personal']): string {
  const initials = companyName === null ? [surname, name] : [companyName];
  return initials
    .filter((part) => part !== null && part !== '')
    .map((part) => `${[...(part ?? '')][0] ?? ''}•••`)
    .join(' ');
}

/** The first few who would be contacted, none of them readable until somebody opens one. */
export function samplesPage(signed: Signed, campaign: FoundCampaign, props: SamplesProps): string {
  const at = `/console/campagne/${campaign.code}/prova`;
  const title = `Esempi di ${campaign.name}`;
  return consolePage({
    ...signed,
    title: props.problem === null ? title : `Errore: ${title}`,
    active: 'campagne',
    alert: props.sent ? { look: 'ok', title: 'La prova è partita' } : undefined,
    body: (
      <>
        <BackLink href={at}>Prova</BackLink>
        <Title>{title}</Title>
        {props.problem === null ? null : <Problem title="Non è stato possibile" text={props.problem} />}
        <p>
          Alcune delle persone che oggi sarebbero contattate. Chi apre un esempio vede il nome della persona, e il
          registro lo scrive. Nessuno viene contattato.
        </p>
        <DataTable
          caption="Persone prese a esempio"
          empty="Oggi non c’è nessuno da contattare."
          columns={[
            { label: 'Persona' },
            { label: 'Codice fiscale' },
            { label: 'Importo', numeric: true },
            { label: 'Messaggi' },
          ]}
          rows={props.people.map((one, i) => [
            maskedName(one.personal),
            maskedCode(one.personal.codiceFiscale),
            formatEuro(one.totalCents),
            <form method="post" action={`${at}/esempi`}>
              <CsrfField csrf={signed.csrf} />
              <input type="hidden" name="persona" value={one.debtorId} />
              <button class="c-button" type="submit" aria-label={`Apri l’esempio ${i + 1}`}>
                Apri
              </button>
            </form>,
          ])}
        />
        <TryForm signed={signed} campaign={campaign} at={at} mail={props.mail} to={props.to} />
      </>
    ),
  });
}

function TryForm(props: { signed: Signed; campaign: FoundCampaign; at: string; mail: boolean; to: string }) {
  const { signed, campaign, at } = props;
  if (!signed.operator.roles.includes('write')) return null;
  const domain = signed.ente.senderAddress.split('@').at(-1) ?? '';
  return (
    <>
      <h2 class="c-h2">Invia una prova a me</h2>
      {props.mail ? (
        <form method="post" action={`${at}/invia`}>
          <CsrfField csrf={signed.csrf} />
          <p>
            Il testo arriva per e-mail, anche se è un SMS, con dati inventati e «[prova]» nell’oggetto. I collegamenti
            non aprono nulla.
          </p>
          <div class="c-grid">
            <div class="b-field">
              <label for="passo">Passo</label>
              <select class="b-input c-select" id="passo" name="passo">
                {parseCampaign(campaign.yaml).steps.map((step, i) => (
                  <option key={String(i)} value={String(i + 1)}>
                    {`${i + 1}: ${step.templateCode} (${channelWords(step.channel)})`}
                  </option>
                ))}
              </select>
            </div>
            <div class="b-field">
              <label for="indirizzo">Il Suo indirizzo nell’ente</label>
              <p class="b-hint" id="indirizzo-aiuto">
                Deve finire con @{domain}
              </p>
              <input
                class="b-input"
                type="email"
                id="indirizzo"
                name="indirizzo"
                value={props.to}
                autocomplete="email"
                aria-describedby="indirizzo-aiuto"
                required
              />
            </div>
          </div>
          <button class="btn btn-outline-primary" type="submit">
            Invia la prova
          </button>
        </form>
      ) : (
        <p>In questa installazione la posta non è collegata: una prova non si può mandare.</p>
      )}
    </>
  );
}

/** Every message of the cascade, as this person would read it. */
export function samplePage(signed: Signed, campaign: FoundCampaign, opened: OpenedSample): string {
  return consolePage({
    ...signed,
    title: `Esempio di ${campaign.name}`,
    active: 'campagne',
    body: (
      <>
        <BackLink href={`/console/campagne/${campaign.code}/prova/esempi`}>Esempi</BackLink>
        <Title>Esempio di {campaign.name}</Title>
        <p>Che Lei lo ha aperto è scritto nel registro. I collegamenti sono inventati e non aprono nulla.</p>
        {opened.texts.map(({ step, channel, code, text }) => (
          <Details key={String(step)} summary={`Passo ${step}: ${code} (${channelWords(channel)})`}>
            {text.kind === 'refused' ? (
              <p>A questa persona il messaggio non partirebbe: {text.message}</p>
            ) : (
              <div class="c-message">
                {text.subject === '' ? null : <p class="c-message-subject">{text.subject}</p>}
                <p class="c-message-text">{text.body}</p>
              </div>
            )}
          </Details>
        ))}
      </>
    ),
  });
}
