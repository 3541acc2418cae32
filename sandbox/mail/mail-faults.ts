/**
 * What may go wrong at a mail host. At `data` the message has been taken into the mailbox before anything else happens,
 * `refuse` and `lose` aside: what the sender is told is the only thing that differs.
 */
export type MailFault =
  /** Never answers. */
  | { readonly kind: 'hang' }
  /** Answers so many real milliseconds later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Says no: 4yz for now, 5yz for good. */
  | { readonly kind: 'refuse'; readonly code: number; readonly words: string }
  /** Cuts the line instead of answering. */
  | { readonly kind: 'cut' }
  /** Cuts the line and keeps nothing, at `data`. */
  | { readonly kind: 'lose' }
  /** Says yes twice, at `data`. */
  | { readonly kind: 'twice' };

export type MailStage = 'connect' | 'rcpt' | 'data';

/** Asked at each stage, with the recipient (none at `connect`); may do something of its own before it answers. */
export type MailBehaviour = (stage: MailStage, address: string) => Promise<MailFault | null> | MailFault | null;

export interface Wire {
  /** Gives the host's usual answer, or the refusal. */
  readonly answer: (error: Error | null) => void;
  readonly cut: () => void;
  /** Writes a line that nobody asked for. */
  readonly write: (line: string) => void;
}

/** Carries out a fault where the host would have answered. */
export function suffer(fault: MailFault | null, wire: Wire): void {
  switch (fault?.kind) {
    case 'hang':
      break;
    case 'slow':
      setTimeout(() => wire.answer(null), fault.ms).unref();
      break;
    case 'refuse':
      wire.answer(Object.assign(new Error(fault.words), { responseCode: fault.code }));
      break;
    case 'cut':
    case 'lose':
      wire.cut();
      break;
    case 'twice':
      wire.answer(null);
      // After the first answer, which the server writes at once.
      setImmediate(() => wire.write('250 2.0.0 Ok: queued\r\n'));
      break;
    default:
      wire.answer(null);
  }
}
