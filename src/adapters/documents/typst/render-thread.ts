/**
 * A thread that makes files of notices, one after the other. Protocol: an array of NoticeDocument in, `{ pdf }` or
 * `{ failed }` out.
 */
import { parentPort } from 'node:worker_threads';
import { isCoded } from '../../../kernel/errors.ts';
import type { NoticeDocument } from '../../../modules/payments/document/document.port.ts';
import { noticeInput } from './notice-data.ts';
import { makePrintable } from './printable.ts';
import { openTypst, readTextFonts } from './typst-compiler.ts';

export type Answer = { readonly pdf: Uint8Array } | { readonly failed: string };

if (parentPort === null) throw new Error('render-thread runs as a worker thread only');
const port = parentPort;
const typst = openTypst();
const printable = makePrintable(readTextFonts());

port.on('message', (documents: readonly NoticeDocument[]) => {
  port.postMessage(answer(documents));
});

function answer(documents: readonly NoticeDocument[]): Answer {
  try {
    return { pdf: typst.pdf(noticeInput(documents, printable)) };
  } catch (error) {
    // What Typst says may quote a name: only our own message leaves the thread.
    return { failed: isCoded(error) ? error.message : 'the notices could not be prepared' };
  }
}
