import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

const CartSchema = Type.Object({
  cartId: Type.String({ minLength: 1, maxLength: 200 }),
  notices: Type.Array(
    Type.Object({
      noticeNumber: Type.String({ pattern: '^[0-9]{18}$' }),
      creditorFiscalCode: Type.String({ pattern: '^[0-9]{11}$' }),
      amountCents: Type.Integer({ minimum: 1 }),
      description: Type.String({ maxLength: 500 }),
    }),
    { minItems: 1, maxItems: 5 },
  ),
  returnOkUrl: Type.String(),
  returnCancelUrl: Type.String(),
  returnErrorUrl: Type.String(),
});

export type RailCart = Static<typeof CartSchema>;

/** A cart from the program's JSON; null when it is none, or asks to come back to something that is no web page. */
export function cartFrom(text: string): RailCart | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Value.Check(CartSchema, raw)) return null;
  const back = [raw.returnOkUrl, raw.returnCancelUrl, raw.returnErrorUrl];
  return back.every((url) => /^https?:\/\//.test(url) && URL.canParse(url)) ? raw : null;
}
