import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const NoticeSchema = Type.Object({
  noticeNumber: Type.String({ pattern: '^[0-9]{18}$' }),
  fiscalCode: Type.String({ pattern: '^[0-9]{11}$' }),
  amount: Type.Integer({ minimum: 1 }),
  companyName: Type.String({ maxLength: 140 }),
  description: Type.String({ maxLength: 140 }),
});

const CartSchema = Type.Object({
  emailNotice: Type.Optional(Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$' })),
  paymentNotices: Type.Array(NoticeSchema, { minItems: 1 }),
  returnUrls: Type.Object({
    returnOkUrl: Type.String(),
    returnCancelUrl: Type.String(),
    returnErrorUrl: Type.String(),
    returnWaitingUrl: Type.Optional(Type.String()),
  }),
  idCart: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  allCCP: Type.Optional(Type.Boolean()),
});

/** A cart as it was asked for. */
export interface Cart {
  /** The creditor's own name for it; empty when it gave none. */
  readonly cartId: string;
  readonly notices: readonly {
    readonly noticeNumber: string;
    readonly creditorFiscalCode: string;
    /** As the creditor wrote it: what is paid is what its station asks for (pagopa §10). */
    readonly amountCents: number;
    readonly companyName: string;
    readonly description: string;
  }[];
  readonly returnOkUrl: string;
  readonly returnCancelUrl: string;
  readonly returnErrorUrl: string;
  /** Null in version 1 of the API. */
  readonly returnWaitingUrl: string | null;
}

const MAX_NOTICES = 5;

/** The cart in a request's JSON, or the status and reason with which Checkout refuses it (pagopa §10). */
export function readCart(text: string, version: 1 | 2): Cart | { readonly status: 400 | 422; readonly detail: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { status: 400, detail: 'no JSON' };
  }
  if (!Value.Check(CartSchema, raw)) {
    const first = Value.Errors(CartSchema, raw)[0];
    return { status: 400, detail: `${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}` };
  }
  const { returnUrls } = raw;
  const back = [returnUrls.returnOkUrl, returnUrls.returnCancelUrl, returnUrls.returnErrorUrl];
  if (version === 2) back.push(returnUrls.returnWaitingUrl ?? '');
  if (!back.every((url) => /^https?:\/\//.test(url) && URL.canParse(url))) {
    return { status: 400, detail: 'a return URL is missing or no web page' };
  }
  const keys = new Set(raw.paymentNotices.map(({ fiscalCode, noticeNumber }) => `${fiscalCode}|${noticeNumber}`));
  if (raw.paymentNotices.length > MAX_NOTICES) return { status: 422, detail: 'more than 5 notices' };
  if (keys.size < raw.paymentNotices.length) return { status: 422, detail: 'the same notice twice' };
  return cartOf(raw, version);
}

function cartOf(raw: Static<typeof CartSchema>, version: 1 | 2): Cart {
  const { returnOkUrl, returnCancelUrl, returnErrorUrl, returnWaitingUrl } = raw.returnUrls;
  return {
    cartId: raw.idCart ?? '',
    notices: raw.paymentNotices.map(({ noticeNumber, fiscalCode, amount, companyName, description }) => ({
      noticeNumber,
      creditorFiscalCode: fiscalCode,
      amountCents: amount,
      companyName,
      description,
    })),
    returnOkUrl,
    returnCancelUrl,
    returnErrorUrl,
    returnWaitingUrl: version === 2 ? (returnWaitingUrl ?? null) : null,
  };
}
