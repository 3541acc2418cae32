import { formatEuro } from '../../kernel/money.ts';
import { Callout, Icon, Row, Rows, Title } from '../ui/parts.tsx';
import type { DialogueView, PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { isDoubted, isOpen, StateBadge, shownCents } from './position-parts.tsx';
import { texts } from './texts.it.ts';

/** C3: every position of the person at this body, what is to be paid first. */
export function positionsPage(view: DialogueView): string {
  const t = texts.positions;
  const open = view.positions.filter(isOpen);
  const others = view.positions.filter((position) => !isOpen(position));
  const total = open.reduce((sum, position) => sum + position.outstandingCents, 0);
  return portalPage({
    title: t.title,
    ente: view.ente,
    signedIn: true,
    children: (
      <>
        <Title>{t.title}</Title>
        {view.positions.length === 0 ? (
          <Callout look="ok" title={t.none}>
            <p>{t.noneNext}</p>
          </Callout>
        ) : (
          <p class="b-lead">
            {view.personName === null ? null : `${t.greeting(view.personName)} `}
            {t.lead(open.length)}
          </p>
        )}
        <PositionList title={t.openTitle} positions={open} />
        {open.length > 1 ? <p class="b-note b-figures">{t.total(total)}</p> : null}
        <PositionList title={t.otherTitle} positions={others} />
        <Rows>
          <Row href="/messaggi" title={texts.messages.link} note={texts.messages.linkNote} />
        </Rows>
      </>
    ),
  });
}

function PositionList({ title, positions }: { title: string; positions: readonly PositionView[] }) {
  if (positions.length === 0) return null;
  return (
    <section class="b-section">
      <h2>{title}</h2>
      <Rows>
        {positions.map((position) => (
          <PositionRow key={position.debtId} position={position} />
        ))}
      </Rows>
    </section>
  );
}

function PositionRow({ position }: { position: PositionView }) {
  const partial = isOpen(position) && position.paidCents > 0;
  const answered = position.report !== null && position.report.state !== 'open';
  return (
    <li>
      <a class="b-row" href={`/posizioni/${position.debtId}`}>
        <span class="b-row-body">
          <span class="b-row-title">{position.title}</span>
          {position.reference === null ? null : <span class="b-row-note">{position.reference}</span>}
          {isDoubted(position) ? null : <span class="b-row-figure">{formatEuro(shownCents(position))}</span>}
          <span class="b-row-facts">
            <StateBadge state={position.state} />
            {isOpen(position) ? <span class="b-row-note">{texts.due(position.state, position.dueDate)}</span> : null}
            {answered ? <span class="b-row-note">{texts.answer.listed}</span> : null}
            {partial ? <span class="b-row-note">{texts.positions.partial(position.paidCents)}</span> : null}
          </span>
        </span>
        <Icon name="it-chevron-right" />
      </a>
    </li>
  );
}
