import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeChannelObserver } from '../../src/adapters/telemetry/index.ts';
import type { SendOutcome } from '../../src/modules/deliveries/index.ts';
import {
  ALARM_LIMITS,
  type AlarmCode,
  alarmsOf,
  exposeOperations,
  type Operations,
} from '../../src/modules/insight/index.ts';
import { makeLog } from '../../src/platform/log/index.ts';
import { exposeProcess, type Metrics, makeMetrics } from '../../src/platform/telemetry/index.ts';
import { makeMetricsServer } from '../../src/web/index.ts';
import { FakeChannel } from '../support/fake-channel.ts';

const NOW = Date.UTC(2026, 8, 7, 8, 0);
const minutes = (n: number) => n * 60_000;

/** Two bodies: one with messages of every kind, one that has been paid. */
const SEEN: Operations = {
  bodies: [
    {
      enteId: 1,
      reading: {
        queues: [
          { channel: 'email', state: 'due', n: 3, oldestAt: NOW - minutes(20) },
          { channel: 'email', state: 'uncertain', n: 2, oldestAt: NOW - minutes(90) },
        ],
        holds: { payment: 4 },
        unsealedAt: NOW - minutes(1),
        sent: { accepted: 0, refused: 0, uncertain: 0 },
      },
    },
    {
      enteId: 2,
      reading: {
        queues: [{ channel: 'email', state: 'due', n: 1, oldestAt: NOW - minutes(5) }],
        holds: { payment: 1, optOut: 1 },
        unsealedAt: NOW - minutes(2),
        sent: { accepted: 0, refused: 0, uncertain: 0 },
      },
    },
  ],
  jobs: { waiting: 1, oldestAt: NOW - minutes(3), failed: 0 },
  nextDueAt: NOW - minutes(20),
  readingDueAt: NOW + minutes(1),
};

/** Everything that a program shows, with invented readings. */
function everything(over: { nameOf?: (enteId: number) => Promise<string>; read?: () => Promise<Operations> } = {}) {
  const errors: unknown[] = [];
  const metrics = makeMetrics((error) => errors.push(error));
  let realNow = NOW;
  exposeOperations(metrics, {
    read: over.read ?? (async () => SEEN),
    now: () => NOW,
    realNow: () => realNow,
    nameOf: over.nameOf ?? null,
  });
  exposeProcess(metrics, { pool: () => ({ inUse: 2, waiting: 1 }), leading: () => true });
  const observe = makeChannelObserver(metrics, { now: () => (realNow += 250) });
  return { metrics, observe, errors, wait: (ms: number) => (realNow += ms) };
}

const samples = async (metrics: Metrics, accept?: string) =>
  (await metrics.expose(accept)).body.split('\n').filter((line) => line.startsWith('bonario_'));

describe('the numbers', () => {
  it('are of all bodies together, and name none', async () => {
    const lines = await samples(everything().metrics);
    expect(lines).toEqual(
      expect.arrayContaining([
        'bonario_queue_messages{channel="email",state="due"} 4',
        'bonario_queue_oldest_seconds{channel="email",state="due"} 1200',
        'bonario_queue_oldest_seconds{channel="email",state="uncertain"} 5400',
        'bonario_holds{reason="payment"} 5',
        'bonario_seal_lag_seconds 120',
        'bonario_jobs{state="waiting"} 1',
        'bonario_jobs_oldest_seconds 180',
        'bonario_work_overdue_seconds 1200',
        'bonario_reading_overdue_seconds 0',
        'bonario_database_connections{state="waiting"} 1',
        'bonario_leader 1',
      ]),
    );
    expect(lines.filter((line) => line.includes('ente='))).toEqual([]);
  });

  it('are of each body where that was asked for', async () => {
    const lines = await samples(everything({ nameOf: async (enteId) => `comune-${enteId}` }).metrics);
    expect(lines).toContain('bonario_queue_messages{channel="email",state="due",ente="comune-2"} 1');
    expect(lines).toContain('bonario_holds{reason="payment",ente="comune-1"} 4');
  });

  it('are read once for those who ask at the same moment, and missing rather than old when they cannot be read', async () => {
    let reads = 0;
    let broken = false;
    const { metrics, errors, wait } = everything({
      read: async () => {
        reads += 1;
        if (broken) throw new Error('no database');
        return SEEN;
      },
    });
    await samples(metrics);
    await samples(metrics);
    expect(reads).toBe(1);
    broken = true;
    wait(6_000);
    const lines = await samples(metrics);
    expect([reads, errors.length, lines.filter((line) => line.startsWith('bonario_queue'))]).toEqual([2, 1, []]);
    expect(lines).toContain('bonario_reading_failures_total 1');
    expect(lines).toContain('bonario_leader 1');
  });

  it('of a provider are its answers, whose fault they were, and its time', async () => {
    const { metrics, observe } = everything();
    const channel = new FakeChannel(() => NOW);
    const answers: SendOutcome[] = [
      { kind: 'accepted', ref: 'a' },
      { kind: 'rejected', code: '550', fault: 'permanent' },
      { kind: 'uncertain', code: 'EPIPE' },
    ];
    channel.answer = (_, nth) => answers[nth] ?? null;
    const message = { enteId: 1, deliveryId: 'd', to: 'x', sender: { name: '', address: '' }, subject: '', text: '' };
    const batch = answers.map(() => ({ ...message, html: null, optOutUrl: null }));
    expect(await observe(channel).send(batch, AbortSignal.timeout(1000))).toEqual(answers);
    expect(await samples(metrics)).toEqual(
      expect.arrayContaining([
        'bonario_messages_handed_over_total{channel="email",provider="fake",outcome="accepted"} 1',
        'bonario_messages_handed_over_total{channel="email",provider="fake",outcome="retryLater"} 0',
        'bonario_messages_refused_total{channel="email",provider="fake",fault="permanent"} 1',
        'bonario_provider_batch_seconds_bucket{le="0.25",channel="email",provider="fake"} 1',
        'bonario_provider_batch_seconds_sum{channel="email",provider="fake"} 0.25',
      ]),
    );
  });
});

describe('the formats', () => {
  const SAMPLE = /^[a-z0-9_]+(\{([a-z_]+="[^"]*",?)*\})? (-?[\d.e+-]+|NaN|[+-]Inf)$/;

  it('are both well formed, however often each was asked for before the other', async () => {
    const { metrics } = everything();
    const open = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.1';
    const names: string[][] = [];
    for (const accept of [undefined, open, 'text/plain', open, '*/*']) {
      const { contentType, body } = await metrics.expose(accept);
      const wantsOpen = accept === open;
      expect(contentType).toContain(wantsOpen ? 'openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4');
      expect(body.endsWith('\n# EOF\n')).toBe(wantsOpen);
      const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(lines.filter((line) => !SAMPLE.test(line))).toEqual([]);
      const types = [...body.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name ?? '');
      expect(types.filter((name) => name.endsWith('_total') === wantsOpen)).toEqual([]);
      names.push([...new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? ''))].sort());
    }
    expect(new Set(names.map((list) => JSON.stringify(list))).size).toBe(1);
    expect(names[0]?.filter((name) => name.endsWith('_total_total'))).toEqual([]);
  });
});

describe('/metrics', () => {
  const log = makeLog('silent', null);
  const open = makeMetricsServer({ metrics: makeMetrics(), token: null, log });
  const guarded = makeMetricsServer({ metrics: makeMetrics(), token: 'a-long-secret', log });
  beforeAll(() => {
    open.get('/l/:token', async () => 'a page');
  });
  afterAll(() => Promise.all([open.close(), guarded.close()]));
  const ask = async (app: typeof open, request: object) =>
    (await app.inject({ method: 'GET', url: '/metrics', ...request })).statusCode;

  it('without a token answers this machine alone, and nothing that a proxy passed on', async () => {
    expect(await ask(open, { headers: { host: '127.0.0.1:8080' } })).toBe(200);
    expect(await ask(open, { remoteAddress: '::1', headers: { host: 'localhost' } })).toBe(200);
    for (const request of [
      { remoteAddress: '10.0.0.7', headers: { host: '127.0.0.1:8080' } },
      { headers: { host: 'avvisi.comune.example' } },
      { headers: { host: '127.0.0.1', 'x-forwarded-for': '127.0.0.1' } },
      { headers: { host: '127.0.0.1', forwarded: 'for=127.0.0.1' } },
      { headers: { host: '127.0.0.1', 'x-real-ip': '127.0.0.1' } },
    ]) {
      expect([request, await ask(open, request)]).toEqual([request, 403]);
    }
  });

  it('with a token answers who shows it, from wherever, and nobody else', async () => {
    const bearer = (token: string) => ({ remoteAddress: '10.0.0.7', headers: { authorization: `Bearer ${token}` } });
    expect(await ask(guarded, bearer('a-long-secret'))).toBe(200);
    expect(await ask(guarded, bearer('a-long-secreT'))).toBe(401);
    expect(await ask(guarded, { headers: { host: '127.0.0.1' } })).toBe(401);
  });

  it('knows requests by the pattern of their path, never by what stands in it', async () => {
    await open.inject('/l/1.geheim');
    await open.inject('/nowhere/geheim');
    const { body } = await open.inject('/metrics');
    expect(body).toMatch(/bonario_http_request_seconds_count\{method="GET",route="\/l\/:token",status="200"\} 1/);
    expect(body).toMatch(/route="-",status="404"/);
    expect(body).not.toContain('geheim');
  });
});

describe('the alarms', () => {
  const rings = (over: Partial<Operations>, later = 0): AlarmCode[] =>
    alarmsOf({ ...SEEN, ...over }, NOW + later, NOW + later)
      .filter((alarm) => alarm.rings)
      .map((alarm) => alarm.code);
  const sending = (accepted: number, refused: number): Operations['bodies'] =>
    SEEN.bodies.map((body) => ({ ...body, reading: { ...body.reading, sent: { accepted, refused, uncertain: 0 } } }));

  it('ring for what stands, and not for a long queue that moves', () => {
    expect(rings({})).toEqual(['WORK_OVERDUE', 'QUEUE_STILL', 'UNCERTAIN']);
    expect(rings({ bodies: sending(40, 0) })).toEqual(['UNCERTAIN']);
    expect(rings({ bodies: [], nextDueAt: null })).toEqual([]);
  });

  it('ring for refusals, seals, jobs and rounds', () => {
    expect(rings({ bodies: sending(19, 6) })).toContain('REFUSED');
    expect(rings({ bodies: sending(21, 5) })).not.toContain('REFUSED');
    expect(rings({ bodies: sending(5, 5) })).not.toContain('REFUSED');
    expect(rings({}, minutes(9))).toEqual(expect.arrayContaining(['SEAL_LAG', 'JOBS_WAITING']));
    expect(rings({ jobs: { waiting: 0, oldestAt: null, failed: 1 } })).toContain('JOBS_FAILED');
    expect(rings({}, minutes(12))).toContain('READING_OVERDUE');
  });

  it('stand in the sample rules with the same limits, on metrics that there are, and in the manual', async () => {
    interface Rule {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly code: string };
    }
    const file = parse(readFileSync('examples/prometheus-rules.yaml', 'utf8')) as { groups: { rules: Rule[] }[] };
    const rules = file.groups.flatMap((group) => group.rules);
    const { metrics, observe } = everything();
    observe(new FakeChannel(() => NOW));
    const app = makeMetricsServer({ metrics, token: null, log: makeLog('silent', null) });
    await app.inject({ url: '/healthz' });
    const { body } = await app.inject({ url: '/metrics', headers: { host: 'localhost' } });
    await app.close();
    const exposed = new Set(body.split('\n').map((line) => line.split(/[{ ]/)[0] ?? ''));
    const histograms = [...body.matchAll(/^# TYPE (\S+) histogram$/gm)].map(([, name]) => name);
    for (const name of histograms) for (const part of ['bucket', 'sum', 'count']) exposed.add(`${name}_${part}`);
    const named = rules.flatMap((rule) => rule.expr.match(/\b(bonario|nodejs|process)_[a-z0-9_]+/g) ?? []);
    expect(named.filter((name) => !exposed.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(10);

    const manual = readFileSync('docs/operations.md', 'utf8');
    expect(rules.map((rule) => rule.labels.code).filter((code) => !manual.includes(`\`${code}\``))).toEqual([]);
    const limits: Readonly<Record<AlarmCode, readonly number[]>> = {
      WORK_OVERDUE: [ALARM_LIMITS.workOverdueSeconds],
      QUEUE_STILL: [ALARM_LIMITS.queueStillSeconds],
      UNCERTAIN: [ALARM_LIMITS.uncertainSeconds],
      REFUSED: [ALARM_LIMITS.refusedShare, ALARM_LIMITS.refusedLeast],
      SEAL_LAG: [ALARM_LIMITS.sealLagSeconds],
      JOBS_WAITING: [ALARM_LIMITS.jobSeconds],
      JOBS_FAILED: [],
      READING_OVERDUE: [ALARM_LIMITS.readingOverdueSeconds],
    };
    for (const [code, numbers] of Object.entries(limits)) {
      const expr = rules.find((rule) => rule.labels.code === code)?.expr ?? '';
      expect([code, numbers.filter((limit) => !new RegExp(`(^| )${limit}( |$)`, 'm').test(expr))]).toEqual([code, []]);
      expect([code, expr]).not.toEqual([code, '']);
    }
  });
});
