import { Bullets, PrimaryLink, Section, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** C1's first way, where the body has set it up; nothing otherwise. The same for every visitor of the body. */
export function SignInCard({ ente }: { ente: EntePublic }) {
  const ways = ente.signIn ?? [];
  if (ways.length === 0) return null;
  const t = texts.signIn;
  return (
    <div class="b-card">
      <h2 class="b-callout-title">{t.cardTitle(ways)}</h2>
      <p>{t.cardText}</p>
      <div class="b-actions">
        <PrimaryLink href={`/entra/${ente.slug}`}>{t.either(ways)}</PrimaryLink>
      </div>
    </div>
  );
}

/** Which identity: links, since a form would have to name the provider in the page's CSP. */
export function signInPage(ente: EntePublic): string {
  const t = texts.signIn;
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead(ente.name)}</p>
        {(ente.signIn ?? []).map((way) => (
          <div class="b-card" key={way}>
            <p id={`con-${way}`}>{t.ways[way]}</p>
            <div class="b-actions">
              <a class="btn btn-primary" href={`/entra/${ente.slug}/avvia?con=${way}`} aria-describedby={`con-${way}`}>
                {t.enter(way)}
              </a>
            </div>
          </div>
        ))}
        <Section title={t.getsTitle}>
          <Bullets items={t.gets} />
        </Section>
        <Section title={t.noneTitle}>
          <p>{t.none}</p>
        </Section>
      </>
    ),
  });
}

/** Why nobody was let in, and the way to try again. */
export function signInRefusedPage(ente: EntePublic | null, reason: keyof typeof texts.signIn.refused): string {
  const t = texts.signIn.refused[reason];
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <div class="b-actions">
          {ente === null ? (
            <PrimaryLink href="/">{texts.allBodies}</PrimaryLink>
          ) : (
            <PrimaryLink href={`/entra/${ente.slug}`}>{texts.signIn.retry}</PrimaryLink>
          )}
        </div>
      </>
    ),
  });
}
