export { readJournalXml } from './journal-xml.ts';
