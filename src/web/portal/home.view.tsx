import { Row, Rows, Section, Steps, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** First page: the bodies that use the service. */
export function homePage(enti: readonly EntePublic[]): string {
  const t = texts.home;
  return portalPage({
    title: t.title,
    ente: null,
    indexable: true,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <section class="b-section">
          <h2>{t.listTitle}</h2>
          {enti.length === 0 ? (
            <p>{t.none}</p>
          ) : (
            <Rows>
              {enti.map((ente) => (
                <Row key={ente.slug} href={`/e/${ente.slug}`} title={ente.name} note={t.rowNote} />
              ))}
            </Rows>
          )}
        </section>
        <Section title={t.howTitle}>
          <Steps items={t.how} />
        </Section>
      </>
    ),
  });
}
