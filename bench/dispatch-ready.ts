import type { Bonario } from '../src/compose.ts';
import { newId } from '../src/kernel/ids.ts';
import { loadEnte, officeOf } from '../src/modules/creditors/index.ts';
import type { OutboundMessage } from '../src/modules/deliveries/index.ts';
import { messageValues } from '../src/modules/notices/message-values.ts';
import { renderMessage } from '../src/modules/notices/render-message.ts';
import { templateVersion } from '../src/modules/notices/templates.store.ts';
import { textToHtml } from '../src/modules/notices/text-to-html.ts';
import { randomToken } from '../src/platform/secrets/index.ts';

import { ENTE } from './console-ground.ts';
import { type Recipient, TEXT, type WireChannel } from './dispatch-ground.ts';

/** What the program would send to them, already written: the reference has only to put it on the wire. */
export async function readyMessages(
  program: Bonario,
  channel: WireChannel,
  recipients: readonly Recipient[],
): Promise<OutboundMessage[]> {
  const { ente, template } = await program.db.tenant(ENTE, async (tx) => ({
    ente: await loadEnte(tx),
    template: await templateVersion(tx, TEXT[channel], 1),
  }));
  const link = (folder: string) => `${program.portalUrl}/${folder}/${ENTE}-${randomToken(128)}`;
  return recipients.map(({ name, email, phone }) => {
    const optOutUrl = link('o');
    const values = messageValues(ente, officeOf(ente, 1), name, { open: link('l'), optOut: optOutUrl });
    const { subject, body: text } = renderMessage(template, values, name);
    return {
      enteId: ENTE,
      deliveryId: newId(),
      to: channel === 'email' ? email : phone,
      sender: { name: ente.name, address: ente.senderAddress },
      subject,
      text,
      html: channel === 'email' ? textToHtml(subject, text) : null,
      optOutUrl,
    };
  });
}
