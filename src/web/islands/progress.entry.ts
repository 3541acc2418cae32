import { type Page, pacePolling } from './progress.ts';

declare const document: Page;

pacePolling(document, 'avanzamento');
