import { Bullets, Section, Steps, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { SignInCard } from './oidc.view.tsx';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** The body's public page: how to tell a true message (law sheet §9.4) and how one pays in general. */
export function entePage(ente: EntePublic): string {
  const t = texts.ente;
  return portalPage({
    title: t.title,
    ente,
    indexable: true,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead(ente.name)}</p>
        <div class="b-card b-sum">
          <h2 class="b-callout-title">{t.senderTitle}</h2>
          <p>{t.sender}</p>
          <p class="b-code">
            <strong>{ente.senderAddress}</strong>
          </p>
          <p class="b-note b-last">{t.senderNote}</p>
        </div>
        <Section title={t.enterTitle}>
          <p>{t.enter}</p>
          <SignInCard ente={ente} />
        </Section>
        <Section title={t.writeTitle}>
          <Bullets items={t.write} />
        </Section>
        <Section title={t.neverTitle}>
          <Bullets items={t.never} />
        </Section>
        <Section title={t.checkTitle}>
          <Steps items={t.check} />
          <p>
            <a href={ente.website}>{texts.website}</a>
          </p>
        </Section>
        <Section title={t.payTitle}>
          <p>{t.pay}</p>
        </Section>
      </>
    ),
  });
}
