import { Liquid, type Template } from 'liquidjs';
import { CodedError } from '../../kernel/errors.ts';

/** What a template may do. Everything else fails at parse: by default Liquid would even print files (dependencies §3). */
const TAGS = new Set(['if', 'unless', 'comment', 'assign']);
const FILTERS = new Set(['upcase', 'downcase', 'capitalize', 'default', 'strip']);

const engine = new Liquid({
  templates: {},
  ownPropertyOnly: true,
  strictVariables: true,
  strictFilters: true,
  parseLimit: 20_000,
  // There are no loops, so this only stops what is broken; short enough for a busy machine never to meet it.
  renderLimit: 5_000,
  memoryLimit: 1e6,
});
for (const tag of Object.keys(engine.tags)) if (!TAGS.has(tag)) delete engine.tags[tag];
for (const filter of Object.keys(engine.filters)) if (!FILTERS.has(filter)) delete engine.filters[filter];

const parsed = new Map<string, Template[]>();
const CACHE_LIMIT = 500;

/** Parses once per text. Error TEMPLATE_SYNTAX with the line. */
export function parseTemplate(text: string): Template[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  try {
    const made = engine.parse(text);
    if (parsed.size >= CACHE_LIMIT) parsed.clear();
    parsed.set(text, made);
    return made;
  } catch (cause) {
    throw new CodedError('TEMPLATE_SYNTAX', (cause as Error).message.slice(0, 200), {}, { cause });
  }
}

/** Error TEMPLATE_VALUE: a variable that is not offered, or a limit passed. */
export function renderTemplate(text: string, values: object): string {
  try {
    return engine.renderSync(parseTemplate(text), values) as string;
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('TEMPLATE_VALUE', (cause as Error).message.slice(0, 200), {}, { cause });
  }
}
