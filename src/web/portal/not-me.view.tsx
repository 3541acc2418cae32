import { SubmitButton } from '../ui/forms.tsx';
import { BackLink, Bullets, Title } from '../ui/parts.tsx';
import type { EntePublic } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** Asks before it acts: a link opened by a mail scanner changes nothing. */
export function notMePage(ente: EntePublic): string {
  const t = texts.notMe;
  return portalPage({
    title: t.title,
    ente,
    children: (
      <>
        <BackLink href="/avviso">{t.back}</BackLink>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <Bullets items={t.effects} />
        <form class="b-actions" method="post" action="/non-sono-io">
          <SubmitButton>{t.submit}</SubmitButton>
        </form>
      </>
    ),
  });
}

export function notMeDonePage(ente: EntePublic | null): string {
  const t = texts.notMe;
  return portalPage({
    title: t.doneTitle,
    ente,
    children: (
      <>
        <Title done>{t.doneTitle}</Title>
        <p class="b-lead">{t.done}</p>
      </>
    ),
  });
}
