import { Bullets, PrimaryLink, Section, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { SignInCard } from './oidc.view.tsx';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/**
 * General help, and the page of every cause for which nothing can be shown (health, too many tries): one text, so that
 * the cause cannot be read from it (architecture §4.5).
 */
export function helpPage(ente: EntePublic | null): string {
  const t = texts.assistance;
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        {ente === null ? (
          <>
            <p>{t.noEnte}</p>
            <div class="b-actions">
              <PrimaryLink href="/">{texts.allBodies}</PrimaryLink>
            </div>
          </>
        ) : (
          <SignInCard ente={ente} />
        )}
        <Section title={t.bringTitle}>
          <Bullets items={t.bring} />
        </Section>
        <Section title={t.payTitle}>
          <p>{t.pay}</p>
        </Section>
        <Section title={t.troubleTitle}>
          <p>{t.trouble}</p>
        </Section>
      </>
    ),
  });
}
