import { renderTemplate } from './liquid.ts';
import { checkText, type TextProblem } from './text-rules.ts';

/** The words of a message, and the first thing that keeps them from being sent. Errors TEMPLATE_SYNTAX, TEMPLATE_VALUE. */
export function renderMessage(
  template: { readonly subject: string; readonly body: string },
  values: object,
  personName: string,
): { readonly subject: string; readonly body: string; readonly problem: TextProblem | null } {
  const subject = renderTemplate(template.subject, values).trim();
  const body = renderTemplate(template.body, values);
  // A surname may be a word of the list (Cura, Rata): the name itself is not what the rule is about.
  const problem = checkText(withoutName(subject, personName), withoutName(body, personName))[0] ?? null;
  return { subject, body, problem };
}

/** However the template writes it, in capitals or not. */
function withoutName(words: string, name: string): string {
  if (name === '') return words;
  return words.replace(new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '');
}
