import type { CodedPayment, NoticeDocument } from '../../../modules/payments/document/document.port.ts';
import { amountOf, dueOf } from './payment-data.ts';
import type { Key, Said, Speaker } from './said.ts';

export interface HowMuch {
  readonly title: Said;
  readonly options: Said;
  readonly amounts: readonly { readonly label: Said; readonly amount: string; readonly when: Said }[];
  readonly notes: readonly { readonly title: Said; readonly text: Said }[];
}

/** The part of the first page that says how much and by when, and how one may choose. */
export function howMuch({ choice }: NoticeDocument, say: Speaker): HowMuch {
  const line = (payment: CodedPayment, label: Key, when: Said) => {
    return { label: say(label), amount: amountOf(payment.amountCents), when };
  };
  const note = (text: Key, title?: Key) => ({ title: title === undefined ? [] : say(title), text: say(text) });
  if (choice.kind === 'trafficFine') {
    return {
      title: say('howMuchAndWhen'),
      options: [],
      amounts: [
        line(choice.discounted, 'discounted', say('withinFiveDays')),
        line(choice.reduced, 'reduced', say('fromSixthToSixtiethDay')),
      ],
      notes: [
        note('chooseAmount'),
        note('deadlines', 'deadlinesTitle'),
        note('storage', 'storageTitle'),
        note('mayChange'),
      ],
    };
  }
  const [single, installments] = choice.kind === 'single' ? [choice.payment, []] : [choice.single, choice.installments];
  const count = { count: String(installments.length) };
  const dated = [single, ...installments].some((payment) => payment !== null && payment.dueDate !== null);
  const title = say(dated ? 'howMuchAndWhen' : 'howMuch');
  if (single === null) {
    const options = say('installmentsOnly', count);
    return { title, options, amounts: [], notes: [note('seeEachInstallment'), note('mayChange')] };
  }
  return {
    title,
    options: installments.length === 0 ? [] : say('fullOrInstallments', count),
    amounts: [line(single, 'amount', dueOf(single, say))],
    notes: [note('mayChange')],
  };
}
