import { scaleLinear } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import { type CivilDate, daysBetween, formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';

interface Point {
  readonly day: CivilDate;
  readonly cents: number;
}

/** Text in a scaled picture would shrink on a phone, so it is drawn twice and the stylesheet shows one (ui.md §11). */
const WIDTHS = [
  { width: 320, height: 200, look: 'c-chart c-chart-narrow' },
  { width: 720, height: 260, look: 'c-chart c-chart-wide' },
] as const;
const MARGIN = { top: 12, right: 12, bottom: 30, left: 84 };

/** Money that came in, day by day; the picture is for the eye, the table beside it says the same. */
export function MoneyChart({ points, label }: { points: readonly Point[]; label: string }) {
  return (
    <>
      {WIDTHS.map((size) => (
        <Drawing key={size.look} points={points} label={label} {...size} />
      ))}
    </>
  );
}

function Drawing(props: { points: readonly Point[]; label: string; width: number; height: number; look: string }) {
  const { points, label, width, height, look } = props;
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const days = Math.max(1, daysBetween(first.day, last.day));
  const x = scaleLinear([0, days], [MARGIN.left, width - MARGIN.right]);
  const y = scaleLinear([0, Math.max(1, last.cents)], [height - MARGIN.bottom, MARGIN.top]).nice(4);
  const path = line<Point>(
    (point) => x(daysBetween(first.day, point.day)),
    (point) => y(point.cents),
  ).curve(curveStepAfter)(points);
  return (
    <svg class={look} viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={label}>
      {y.ticks(4).map((tick) => (
        <g key={tick}>
          <line class="c-chart-grid" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(tick)} y2={y(tick)} />
          <text class="c-chart-text" x={MARGIN.left - 8} y={y(tick) + 4} text-anchor="end">
            {formatEuro(Math.round(tick)).replace(/,\d\d/, '')}
          </text>
        </g>
      ))}
      <text class="c-chart-text" x={MARGIN.left} y={height - 8}>
        {formatDate(first.day)}
      </text>
      <text class="c-chart-text" x={width - MARGIN.right} y={height - 8} text-anchor="end">
        {formatDate(last.day)}
      </text>
      <path class="c-chart-line" d={path ?? ''} />
    </svg>
  );
}
