import { once } from 'node:events';
import { connect, PDU, type PduFields, type Session } from 'smpp';
import { SMSC_ACCOUNT } from '../sandbox/sandbox.ts';
import { destinationAddress, sourceAddress } from '../src/adapters/channels/sms/addresses.ts';
import { splitForWire } from '../src/adapters/channels/sms/gsm7.ts';
import { submitFields } from '../src/adapters/channels/sms/sms-channel.ts';
import type { EngineName } from './database.ts';
import { dispatchBench } from './dispatch.ts';
import type { BenchLine } from './line.ts';

/** Submits in flight, for the program and for the reference. */
const WINDOW = 100;
const SENDER = 'BorgoGrande';

/**
 * Text messages of two parts through the whole path; the reference is the package's own session, which keeps as many
 * ready submits in flight.
 */
export function bench(options: { n: number | null; engine: EngineName }): Promise<BenchLine[]> {
  return dispatchBench(
    {
      channel: 'sms',
      env: ({ smsc }) => ({
        BONARIO_SMPP_HOST: '127.0.0.1',
        BONARIO_SMPP_PORT: String(smsc),
        BONARIO_SMPP_SENDER: SENDER,
        BONARIO_SMPP_WINDOW: String(WINDOW),
        BONARIO_SMS_PER_SECOND: '99999',
      }),
      secrets: { BONARIO_SMPP_PASSWORD_FILE: SMSC_ACCOUNT.password },
      reference: 'SMPP session of the package',
      bare(messages, _config, { smsc }) {
        const source = sourceAddress({ alphanumeric: SENDER });
        const submits = messages.flatMap((message, i) => {
          const to = destinationAddress(message.to);
          if (to === null) throw new Error('not a number');
          const parts = splitForWire(message.text, i);
          return parts.map((part, k) => submitFields(source, to, part, k === parts.length - 1));
        });
        return async () => {
          const session = connect({ host: '127.0.0.1', port: smsc });
          await once(session, 'connect');
          await request(session, 'bind_transceiver', {
            system_id: SMSC_ACCOUNT.systemId,
            password: SMSC_ACCOUNT.password,
          });
          let next = 0;
          const lane = async () => {
            for (let fields = submits[next++]; fields !== undefined; fields = submits[next++]) {
              await request(session, 'submit_sm', fields);
            }
          };
          await Promise.all(Array.from({ length: WINDOW }, lane));
          session.destroy();
        };
      },
    },
    options,
  );
}

function request(session: Session, command: string, fields: PduFields): Promise<void> {
  return new Promise((resolve, reject) => {
    session.send(new PDU(command, fields), ({ command_status: status }) =>
      status === 0 ? resolve() : reject(new Error(`${command}: ${status}`)),
    );
  });
}
