import { formatInstant } from '../../kernel/rome-time.ts';
import { BackLink, Callout, Details, Title } from '../ui/parts.tsx';
import type { EntePublic, MessageView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';
import { Words } from './words.tsx';

/** C10: every message that was sent, with its outcome and its words. */
export function messagesPage(ente: EntePublic, messages: readonly MessageView[]): string {
  const t = texts.messages;
  return portalPage({
    title: t.title,
    ente,
    signedIn: true,
    children: (
      <>
        <BackLink href="/posizioni">{t.back}</BackLink>
        <Title>{t.title}</Title>
        {messages.length === 0 ? (
          <Callout look="ok" title={t.none}>
            <p>{t.noneNext}</p>
          </Callout>
        ) : (
          <>
            <p class="b-lead">{t.lead}</p>
            {messages.map((message) => (
              <Message key={message.id} message={message} />
            ))}
            <p class="b-note b-sum-when">{t.wrong}</p>
          </>
        )}
        <p class="b-note">{t.codes}</p>
      </>
    ),
  });
}

function Message({ message }: { message: MessageView }) {
  const t = texts.messages;
  return (
    <section class="b-section">
      <h2>
        {t.channel(message.channel)}, {formatInstant(message.at)}
      </h2>
      <dl class="b-facts">
        <dt>{t.address}</dt>
        <dd>{message.address ?? t.noAddress}</dd>
        {message.about.length === 0 ? null : (
          <>
            <dt>{t.why}</dt>
            <dd>{t.about(message.about)}</dd>
          </>
        )}
        <dt>{t.outcome}</dt>
        <dd>{t.outcomes[message.outcome]}</dd>
      </dl>
      {message.text === null ? null : (
        <Details summary={t.read}>
          {message.subject === '' ? null : (
            <p>
              <strong>{message.subject}</strong>
            </p>
          )}
          <Words text={message.text} />
          <p class="b-note">{t.keys}</p>
        </Details>
      )}
    </section>
  );
}
