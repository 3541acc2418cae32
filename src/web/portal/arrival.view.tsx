import { SubmitButton } from '../ui/forms.tsx';
import { Callout, Row, Rows, Section, Steps, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { SignInCard } from './oidc.view.tsx';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/**
 * C1. Takes the body and the message's instant, nothing of the person: whoever holds the link sees the same page, since
 * that a health position exists is itself health data (architecture §4.5).
 */
export function arrivalPage(ente: EntePublic, messageSentAt: number | null): string {
  const t = texts.arrival;
  const signIn = (ente.signIn ?? []).length > 0;
  return portalPage({
    title: t.title(ente.name),
    ente,
    children: (
      <>
        <Title>{t.title(ente.name)}</Title>
        {ente.offersCode || signIn ? <p class="b-lead">{t.lead}</p> : <p class="b-lead">{t.noCode}</p>}
        <SignInCard ente={ente} />
        {ente.offersCode ? (
          <div class="b-card">
            <h2 class="b-callout-title">{signIn ? texts.signIn.codeTitle : t.howTitle}</h2>
            <Steps items={t.how} />
            <form class="b-actions" method="post" action="/avviso/codice">
              <SubmitButton secondary={signIn}>{t.askCode}</SubmitButton>
            </form>
          </div>
        ) : null}
        <Callout look="ok" title={t.genuineTitle}>
          <p>
            {t.genuine(messageSentAt)} <strong>{ente.senderAddress}</strong>.
          </p>
          <p>{texts.neverAsk}</p>
          <p>
            <a href={`/e/${ente.slug}`}>{texts.isItTrue}</a>
          </p>
        </Callout>
        <Rows>
          <Row href="/segnala" title={t.report} note={t.reportNote} />
          <Row href="/non-sono-io" title={t.notMe} note={t.notMeNote} />
        </Rows>
        <Section title={texts.position.natureTitle}>
          <p>{texts.reminder}</p>
        </Section>
      </>
    ),
  });
}
