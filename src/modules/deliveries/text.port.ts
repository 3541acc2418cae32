import type { Tx } from '../../platform/db/index.ts';
import type { PersonRecord } from '../debtors/index.ts';

/** What is needed to write one message: never an amount, since the text is made from the lines open at that moment. */
export interface TextRequest {
  readonly deliveryId: string;
  readonly noticeId: string;
  readonly debtorId: string;
  readonly contactId: string;
  readonly channel: string;
  readonly templateCode: string;
  readonly templateVersion: number;
}

export type RenderedText =
  | {
      readonly kind: 'text';
      readonly sender: { readonly name: string; readonly address: string };
      readonly subject: string;
      readonly text: string;
      readonly html: string | null;
      readonly optOutUrl: string | null;
    }
  /** Every line was paid, written off or disputed meanwhile: the delivery is void. */
  | { readonly kind: 'nothingLeft' }
  /** The text breaks a rule of the disclosure policy or cannot be made: nothing leaves (fail closed). */
  | { readonly kind: 'refused'; readonly code: string };

/** Implemented by `notices`, on the floor above, and handed in by compose (architecture §6). */
export interface TextPort {
  /** `persons`: those of the requests, by id; who is not among them was erased. */
  render(
    tx: Tx,
    requests: readonly TextRequest[],
    persons: ReadonlyMap<string, PersonRecord>,
    now: number,
  ): Promise<Map<string, RenderedText>>;
}
