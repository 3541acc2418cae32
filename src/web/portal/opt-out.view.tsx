import { SubmitButton } from '../ui/forms.tsx';
import { Title } from '../ui/parts.tsx';
import { portalPage } from './page.tsx';
import { texts } from './texts.it.ts';

/** The same for every token: whether it is known is told only to who asks to act (POST). */
export function optOutPage(token: string): string {
  const t = texts.optOut;
  return portalPage({
    title: t.title,
    ente: null,
    children: (
      <>
        <Title>{t.title}</Title>
        <p class="b-lead">{t.lead}</p>
        <p>{t.effect}</p>
        <form class="b-actions" method="post" action={`/o/${encodeURIComponent(token)}`}>
          <SubmitButton>{t.submit}</SubmitButton>
        </form>
      </>
    ),
  });
}

export function optOutDonePage(known: boolean): string {
  const t = texts.optOut;
  const title = known ? t.doneTitle : t.unknownTitle;
  return portalPage({
    title,
    ente: null,
    children: (
      <>
        <Title done={known}>{title}</Title>
        <p class="b-lead">{known ? t.done : t.unknown}</p>
      </>
    ),
  });
}
