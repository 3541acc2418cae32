export { type FdrSettings, makeFdrClient } from './fdr-client.ts';
export { readFlowXml } from './flow-xml.ts';
