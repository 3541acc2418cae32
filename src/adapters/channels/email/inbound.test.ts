import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterEach, describe, expect, it } from 'vitest';
import type { RawSignal } from '../../../modules/deliveries/channel.port.ts';
import type { InboundMail } from './inbound.ts';
import { startInboundMail } from './inbound.ts';
import { returnPathOf } from './return-path.ts';

const DOMAIN = 'ritorni.example';
const KEY = Buffer.alloc(32, 9);
const to = returnPathOf(KEY, DOMAIN, { enteId: 3, deliveryId: '01920000-0000-7000-8000-000000000001' });
const other = returnPathOf(KEY, DOMAIN, { enteId: 3, deliveryId: '01920000-0000-7000-8000-000000000002' });

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(onMessage: (raw: RawSignal) => Promise<void>, maxBytes = 10_000): Promise<InboundMail> {
  const inbound = await startInboundMail({ port: 0, bounceDomain: DOMAIN, onMessage, maxBytes });
  cleanups.push(() => inbound.close());
  return inbound;
}

async function deliver(port: number, recipients: string[], raw: string): Promise<number> {
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  try {
    const info = await transport.sendMail({ envelope: { from: '', to: recipients }, raw });
    return Number(info.response?.slice(0, 3));
  } catch (error) {
    return error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  } finally {
    transport.close();
  }
}

describe('reports coming in', () => {
  it('are answered 250 only after they are stored, once for each recipient', async () => {
    const got: RawSignal[] = [];
    let stored = false;
    const inbound = await start(async (raw) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      got.push(raw);
      stored = got.length === 2;
    });
    expect(await deliver(inbound.port, [to, other], 'Subject: prova\r\n\r\n.punto\r\ntesto\r\n')).toBe(250);
    expect(stored).toBe(true);
    expect(got.map((g) => g.recipient)).toEqual([to, other]);
    expect(Buffer.from(got[0]?.body ?? []).toString()).toBe('Subject: prova\r\n\r\n.punto\r\ntesto\r\n');
  });

  it('are put off with 451 when they cannot be stored', async () => {
    let tries = 0;
    const inbound = await start(async () => {
      tries += 1;
      if (tries === 1) throw new Error('the store is away');
    });
    expect(await deliver(inbound.port, [to], 'Subject: prova\r\n\r\nuno\r\n')).toBe(451);
    expect(await deliver(inbound.port, [to], 'Subject: prova\r\n\r\nuno\r\n')).toBe(250);
    expect(tries).toBe(2);
  });

  it.each(['postmaster@ritorni.example', 'b+1.x.y@ritorni.example', to.replace(DOMAIN, 'altrove.example')])(
    'are not taken for %s',
    async (recipient) => {
      const got: RawSignal[] = [];
      const inbound = await start(async (raw) => {
        got.push(raw);
      });
      expect(await deliver(inbound.port, [recipient], 'Subject: prova\r\n\r\nuno\r\n')).toBe(550);
      expect(got).toEqual([]);
    },
  );

  it('are refused with 552 over the size, and the next one is taken', async () => {
    const got: RawSignal[] = [];
    const inbound = await start(async (raw) => {
      got.push(raw);
    }, 5000);
    expect(await deliver(inbound.port, [to], `Subject: prova\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(5000)}`)).toBe(
      552,
    );
    expect(got).toEqual([]);
    expect(await deliver(inbound.port, [to], 'Subject: prova\r\n\r\nuno\r\n')).toBe(250);
    expect(got).toHaveLength(1);
  });

  it('are refused beyond the number of recipients', async () => {
    const got: RawSignal[] = [];
    const inbound = await start(async (raw) => {
      got.push(raw);
    });
    const many = Array.from({ length: 25 }, (_, i) =>
      returnPathOf(KEY, DOMAIN, { enteId: 3, deliveryId: `01920000-0000-7000-8000-${String(i).padStart(12, '0')}` }),
    );
    expect(await deliver(inbound.port, many, 'Subject: prova\r\n\r\nuno\r\n')).toBe(250);
    expect(got).toHaveLength(20);
  });

  it('survive a caller who cuts the line in the middle, storing nothing', async () => {
    const got: RawSignal[] = [];
    const inbound = await start(async (raw) => {
      got.push(raw);
    });
    const socket = connect(inbound.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise<void>((resolve) => {
      let heard = '';
      socket.on('data', (chunk) => {
        const greeted = heard !== '';
        heard += chunk.toString('latin1');
        if (!greeted) socket.write(`EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<${to}>\r\nDATA\r\n`);
        if (heard.includes('354')) {
          socket.write('Subject: a meta');
          socket.destroy();
          resolve();
        }
      });
    });
    expect(await deliver(inbound.port, [to], 'Subject: prova\r\n\r\nuno\r\n')).toBe(250);
    expect(got).toHaveLength(1);
  });

  it('say so when the port is taken', async () => {
    const inbound = await start(async () => {});
    await expect(
      startInboundMail({ port: inbound.port, bounceDomain: DOMAIN, onMessage: async () => {}, maxBytes: 100 }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});
