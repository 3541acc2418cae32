const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => ESCAPES[c] as string);

/**
 * The HTML part of an e-mail, made from the very words of the text part: paragraphs, line breaks, links that show their
 * address. No image, no remote thing, nothing that tells when it was opened (law-and-practice §5.7).
 */
export function textToHtml(subject: string, text: string): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p style="margin:0 0 1em">${linkify(paragraph)}</p>`)
    .join('\n');
  return `<!doctype html>
<html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font-family:'Titillium Web',Arial,sans-serif;font-size:17px;line-height:1.5;color:#17324d;background:#ffffff">
<div role="article" lang="it" style="max-width:38em;margin:0 auto">
${paragraphs}
</div></body></html>
`;
}

function linkify(paragraph: string): string {
  return paragraph
    .split(/(https?:\/\/[^\s<>"]+)/)
    .map((part, i) =>
      i % 2 === 1
        ? `<a href="${escapeHtml(part)}" style="color:#0059b3;word-break:break-all">${escapeHtml(part)}</a>`
        : escapeHtml(part).replace(/\n/g, '<br>\n'),
    )
    .join('');
}
