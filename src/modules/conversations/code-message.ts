/** The message of a one-time code: asked for by the person, so it has no link and no way to opt out. */
export function codeMessage(enteName: string, code: string, channel: string): { subject: string; text: string } {
  if (channel === 'sms') {
    const text = `${enteName}: il Suo codice di verifica è ${code}. Vale dieci minuti. Non lo dica a nessuno.`;
    return { subject: '', text };
  }
  return {
    subject: 'Il Suo codice di verifica',
    text: `${enteName}: il Suo codice di verifica è

${code}

Vale dieci minuti. Non lo comunichi a nessuno: noi non glielo chiederemo mai per telefono.

Se non lo ha chiesto Lei, può ignorare questo messaggio.
`,
  };
}
