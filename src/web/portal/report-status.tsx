import { Callout } from '../ui/parts.tsx';
import type { PositionView } from './dialogue.ts';
import { isOpen } from './position-parts.tsx';
import { texts } from './texts.it.ts';
import { Words } from './words.tsx';

/** C8's states on C4 and on C8 itself: number and deadline, then the office's words and what happens now. */
export function ReportStatus({ position }: { position: PositionView }) {
  const { report } = position;
  if (report === null) return null;
  const t = texts.answer;
  if (report.state === 'open') {
    return (
      <Callout title={t.openTitle(report.number)}>
        <p>{t.open(report.deadline)}</p>
      </Callout>
    );
  }
  const accepted = report.state === 'accepted';
  const due = isOpen(position);
  return (
    <Callout look={accepted ? 'ok' : 'warn'} title={accepted ? t.acceptedTitle : t.rejectedTitle}>
      {report.answeredAt === null ? null : <p>{t.given(report.number, report.answeredAt)}</p>}
      {report.answer === null ? null : (
        <blockquote>
          <Words text={report.answer} />
        </blockquote>
      )}
      <p>{accepted ? (due ? t.acceptedStillDue : t.acceptedNext) : due ? t.rejectedNext : t.rejectedClosed}</p>
    </Callout>
  );
}
