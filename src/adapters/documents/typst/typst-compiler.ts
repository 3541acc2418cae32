import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeCompiler, type NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler';
import { CodedError } from '../../../kernel/errors.ts';
import type { NoticeInput } from './notice-data.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const TEMPLATES = here('./templates');
const FONTS = here('./fonts');

/** What the texts of a notice are set in, both weights; codes are in a third font, which has all their characters. */
export const readTextFonts = (): Buffer[] =>
  ['titillium-web-400.ttf', 'titillium-web-700.ttf'].map((name) => readFileSync(join(FONTS, name)));

/** How many compilations what was worked out is kept for: the templates are used by each, a notice by one. */
const KEPT_FOR = 2;

export interface TypstCompiler {
  /** The file as PDF/UA-1. Throws NOTICE_RENDER. */
  pdf(input: NoticeInput): Uint8Array;
  /** The laid-out document, for what else can be made of it. Throws NOTICE_RENDER. */
  layOut(input: NoticeInput): NodeTypstDocument;
  readonly engine: NodeCompiler;
}

/** Typst with our templates and fonts, in this thread: it works while nothing else can. */
export function openTypst(): TypstCompiler {
  const engine = NodeCompiler.create({ workspace: TEMPLATES, fontArgs: [{ fontPaths: [FONTS] }] });
  const layOut = (input: NoticeInput): NodeTypstDocument => {
    // Data are a file of their own, never a part of the source: nothing in them can be read as Typst.
    engine.mapShadow(join(TEMPLATES, 'notices.json'), Buffer.from(input.json));
    for (const [name, bytes] of input.pictures) engine.mapShadow(join(TEMPLATES, name), Buffer.from(bytes));
    try {
      const compiled = engine.compile({ mainFilePath: join(TEMPLATES, 'notices.typ') });
      const { result } = compiled;
      if (result === null) throw new Error(JSON.stringify(compiled.takeDiagnostics()?.shortDiagnostics));
      return result;
    } finally {
      engine.resetShadow();
    }
  };
  return {
    engine,
    layOut: (input) => coded(() => layOut(input)),
    pdf: (input) =>
      coded(() => {
        try {
          return engine.pdf(layOut(input), { pdfStandard: 'ua-1' });
        } finally {
          engine.evictCache(KEPT_FOR);
        }
      }),
  };
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new CodedError('NOTICE_RENDER', 'Typst could not make the notices', {}, { cause });
  }
}
