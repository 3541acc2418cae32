import type { MapEntry, Subject } from './types.ts';
import { branch, leaf } from './xml.ts';

/** Of `paForNode`, and of SOAP 1.1 (pagopa §3). */
export const NAMESPACE = 'http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd';
export const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';

/** A debtor or a payer, as requests and answers both write him. */
export function subject(name: string, one: Subject): string {
  return branch(name, [
    branch('uniqueIdentifier', [
      leaf('entityUniqueIdentifierType', one.type),
      leaf('entityUniqueIdentifierValue', one.code),
    ]),
    leaf('fullName', one.fullName),
    leaf('streetName', one.streetName),
    leaf('civicNumber', one.civicNumber),
    leaf('postalCode', one.postalCode),
    leaf('city', one.city),
    leaf('stateProvinceRegion', one.stateProvinceRegion),
    leaf('country', one.country),
    leaf('e-mail', one.email),
  ]);
}

/** Nothing when there are no entries: the schema wants at least one. */
export function metadata(entries: readonly MapEntry[]): string {
  if (entries.length === 0) return '';
  return branch(
    'metadata',
    entries.map(({ key, value }) => branch('mapEntry', [leaf('key', key), leaf('value', value)])),
  );
}
