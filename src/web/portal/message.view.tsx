import { Field } from '../ui/forms.tsx';
import { PrimaryLink, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** C12, the session is over: why, and the way back to the body whose page it was. */
export function expiredPage(ente: EntePublic | null, options: { payment?: boolean; savedText?: string } = {}): string {
  const t = texts.expired;
  const saved = options.savedText ?? '';
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        {options.payment === true ? <p>{t.payment}</p> : null}
        {saved === '' ? null : (
          <Field
            id="testo"
            label={texts.report.savedText}
            hint={texts.report.savedTextHint}
            errors={[]}
            control={(aria) => (
              <textarea class="b-input" id="testo" rows={5} readOnly aria-describedby={aria.describedBy}>
                {saved}
              </textarea>
            )}
          />
        )}
        <WayBack ente={ente} />
      </>
    ),
  });
}

export function badLinkPage(): string {
  const t = texts.badLink;
  return portalPage({
    title: t.title,
    ente: null,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <p>{t.next}</p>
        <WayBack ente={null} />
      </>
    ),
  });
}

/** 404 and refused requests. */
export function noticePage(kind: 'notFound' | 'refused', ente: EntePublic | null): string {
  const t = texts[kind];
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <WayBack ente={ente} />
      </>
    ),
  });
}

/** Something broke on our side. `reference` is what the log has, for the person to quote. */
export function failurePage(reference: string): string {
  const t = texts.failure;
  return portalPage({
    title: t.title,
    ente: null,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <p>
          {t.next} <strong class="b-nowrap">{reference}</strong>
        </p>
        <WayBack ente={null} />
      </>
    ),
  });
}

function WayBack({ ente }: { ente: EntePublic | null }) {
  return (
    <div class="b-actions">
      {ente === null ? (
        <PrimaryLink href="/">{texts.allBodies}</PrimaryLink>
      ) : (
        <PrimaryLink href={`/e/${ente.slug}`}>{texts.expired.toEnte(ente.name)}</PrimaryLink>
      )}
    </div>
  );
}
