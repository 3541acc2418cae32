import { PrimaryLink, Title } from '../ui/parts.tsx';
import { outsidePage } from './shell.tsx';

function message(title: string, sentences: readonly string[]): string {
  return outsidePage({
    title,
    body: (
      <>
        <Title>{title}</Title>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <div class="b-actions">
          <PrimaryLink href="/console">Torna a Oggi</PrimaryLink>
        </div>
      </>
    ),
  });
}

export const missingPage = () =>
  message('Pagina non trovata', ['L’indirizzo non corrisponde a nessuna pagina, o riguarda un altro ente.']);

export const forbiddenPage = () =>
  message('Operazione non consentita', [
    'Con i Suoi permessi questa operazione non si può fare. Chi gestisce gli operatori dell’ente può cambiarli.',
  ]);

export const formExpiredPage = () =>
  message('Il modulo è scaduto', [
    'Per sicurezza il modulo vale solo per la sessione in cui è stato aperto.',
    'Nulla è stato registrato: riapra la pagina e ripeta l’operazione.',
  ]);

export const failedPage = (reference: string) =>
  message('Qualcosa non ha funzionato', [
    'La pagina non si è potuta preparare. Quanto era già stato registrato resta registrato.',
    `Se succede ancora, comunichi a chi gestisce il sistema il codice ${reference}.`,
  ]);
