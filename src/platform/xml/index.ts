export {
  childOf,
  childrenOf,
  MESSAGE_LIMITS,
  parseXml,
  readXml,
  type TakeElement,
  textOf,
  type XmlElement,
  type XmlLimits,
} from './xml-reader.ts';
export { element, escapeXml, optional, type XmlContent, XmlFragment, xmlText } from './xml-writer.ts';
