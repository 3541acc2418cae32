import { formatDate } from '../../kernel/civil-date.ts';
import { formatEuro } from '../../kernel/money.ts';
import { Field, Hidden, SubmitButton } from '../ui/forms.tsx';
import { BackLink, Callout, SecondaryLink, Section, Title } from '../ui/parts.tsx';
import type { DialogueView, InstallmentView, PlanOfferView, PlanView, PositionView } from './dialogue.ts';
import { portalPage } from './page.tsx';
import { officeInWords } from './position-parts.tsx';
import { texts } from './texts.it.ts';

interface PlanPageProps {
  readonly view: DialogueView;
  readonly position: PositionView;
  readonly offer: PlanOfferView;
  readonly formKey: string;
  /** Asked for more than may be. */
  readonly tooMany: boolean;
}

/** C7: how many, when, how much; then one button. */
export function planPage({ view, position, offer, formKey, tooMany }: PlanPageProps): string {
  const t = texts.plan;
  const back = `/posizioni/${position.debtId}`;
  return portalPage({
    title: t.title,
    ente: view.ente,
    signedIn: true,
    children: (
      <>
        <BackLink href={back}>{t.back}</BackLink>
        <Title>{t.title}</Title>
        <p class="b-muted">{position.title}</p>
        {offer.kind === 'offered' ? (
          <Offer offer={offer} path={`${back}/rate`} formKey={formKey} tooMany={tooMany} />
        ) : (
          <>
            <p class="b-lead">{t.refusal[offer.kind]}</p>
            <p>{t.office(officeInWords(position.office))}</p>
            <div class="b-actions">
              <SecondaryLink href={back}>{t.back}</SecondaryLink>
            </div>
          </>
        )}
      </>
    ),
  });
}

type Offered = Extract<PlanOfferView, { readonly kind: 'offered' }>;

function Offer(props: { offer: Offered; path: string; formKey: string; tooMany: boolean }) {
  const t = texts.plan;
  const { offer, path, formKey, tooMany } = props;
  const total = offer.installments.reduce((sum, one) => sum + one.cents, 0);
  return (
    <>
      {tooMany ? (
        <Callout look="warn" title={t.count}>
          <p>{t.tooMany(offer.most)}</p>
        </Callout>
      ) : null}
      <p class="b-lead">{t.lead(offer.amountCents, offer.most)}</p>
      <form method="get" action={path} class="b-section">
        <Field
          id="rate"
          label={t.count}
          errors={[]}
          control={(aria) => (
            <select class="b-input" id="rate" name="rate" aria-describedby={aria.describedBy}>
              {Array.from({ length: offer.most - 1 }, (_, i) => i + 2).map((n) => (
                <option key={n} value={String(n)} selected={n === offer.count}>
                  {t.option(n)}
                </option>
              ))}
            </select>
          )}
        />
        <SubmitButton secondary>{t.show}</SubmitButton>
      </form>
      <Section title={t.previewTitle(offer.count)}>
        <table class="b-sums">
          <caption class="visually-hidden">{t.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{t.due}</th>
              <th scope="col">{t.amount}</th>
            </tr>
          </thead>
          <tbody>
            {offer.installments.map((one) => (
              <tr key={one.no}>
                <th scope="row">{formatDate(one.dueOn)}</th>
                <td>{formatEuro(one.cents)}</td>
              </tr>
            ))}
            <tr class="b-sums-total">
              <th scope="row">{t.total}</th>
              <td>{formatEuro(total)}</td>
            </tr>
          </tbody>
        </table>
        <p class="b-note">{offer.rateBp === 0 ? t.noInterest : t.interest(offer.rateBp)}</p>
        <p class="b-note">{t.rule(offer.legalBasis)}</p>
      </Section>
      <p>{offer.automatic ? t.automatic : t.decided}</p>
      <form class="b-actions" method="post" action={path}>
        <Hidden name="rate" value={String(offer.count)} />
        <Hidden name="chiave" value={formKey} />
        <SubmitButton>{t.confirm(offer.count, offer.automatic)}</SubmitButton>
      </form>
    </>
  );
}

/** What became of a request, on the page of its position. */
export function PlanStatus({ plan }: { plan: PlanView }) {
  const t = texts.plan;
  const late = plan.installments.filter((one) => one.state === 'late').length;
  const words = { ...t, refused: t.refused(plan.reason), requested: t.requested }[plan.state];
  return (
    <Callout look={plan.state === 'completed' ? 'ok' : late > 0 ? 'warn' : 'info'} title={t.title}>
      <p>{words}</p>
      {plan.state === 'accepted' && late > 0 ? <p>{t.late(late)}</p> : null}
    </Callout>
  );
}

/** Every installment with its date, sum and state. */
export function PlanTable({ installments }: { installments: readonly InstallmentView[] }) {
  const t = texts.plan;
  return (
    <table class="b-sums">
      <caption class="visually-hidden">{t.caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.due}</th>
          <th scope="col">{t.state}</th>
          <th scope="col">{t.amount}</th>
        </tr>
      </thead>
      <tbody>
        {installments.map((one) => (
          <tr key={one.no}>
            <th scope="row">{formatDate(one.dueOn)}</th>
            <td>{t.states[one.state]}</td>
            <td>{formatEuro(one.cents)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
