import fc from 'fast-check';

/** The alphabet of GSM 03.38 and its extension, and texts made of them or of anything. */
export const GSM =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
export const EXTENDED = '\f^{}\\[~]|€';
export const gsmText = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...GSM, ...EXTENDED, ...EXTENDED, '€'), maxLength });
/** Any UTF-16, lone surrogates included. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 500 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 400 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: fc.constantFrom('😀', 'a', 'ç', '𝒜'), maxLength: 300 }),
);
