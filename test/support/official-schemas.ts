import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

/** The official schemas are not part of the repository: they are looked for in `../shared/specs` beside it. */
const SPECS = join(import.meta.dirname, '..', '..', '..', 'shared', 'specs');
let told = false;

/** A folder or file among them, or null, said once: what needs it then tests what it can without. */
export function officialSpec(...path: readonly string[]): string | null {
  const found = join(SPECS, ...path);
  if (existsSync(found)) return found;
  if (!told) console.log('the official schemas are not beside the project: conformance to them is not tested here');
  told = true;
  return null;
}

/** Throws with libxml2's messages where the document is not valid. */
export type ValidateXml = (xml: string) => void;

/** A validator of an official XSD, or null where it is not there. */
export function officialXsd(...path: readonly string[]): ValidateXml | null {
  const file = officialSpec(...path);
  if (file === null) return null;
  return validatorOf(readFileSync(file), file);
}

/** For a whole SOAP message: the envelope, and inside it what the other schema says. */
export function officialSoap(...path: readonly string[]): ValidateXml | null {
  const file = officialSpec(...path);
  const envelope = officialSpec('pagopa', 'pagopa-api', 'xsd-common', 'envelope.xsd');
  if (file === null || envelope === null) return null;
  const href = (path: string) => pathToFileURL(path).href.replace('file://', '');
  const both = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
    <xs:import namespace="http://schemas.xmlsoap.org/soap/envelope/" schemaLocation="${href(envelope)}"/>
    <xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="${href(file)}"/></xs:schema>`;
  return validatorOf(Buffer.from(both), join(SPECS, 'both.xsd'));
}

function validatorOf(schema: Uint8Array, url: string): ValidateXml {
  xmlRegisterFsInputProviders();
  const document = XmlDocument.fromBuffer(schema, { url });
  const validator = XsdValidator.fromDoc(document);
  return (xml) => {
    const parsed = XmlDocument.fromString(xml);
    try {
      validator.validate(parsed);
    } finally {
      parsed.dispose();
    }
  };
}
