import { readFileSync } from 'node:fs';
import { CodedError } from '../kernel/errors.ts';
import { SETTINGS, type SettingKey } from './schema.ts';

/** What a provider takes from all processes together; null: no limit. */
export interface Limits {
  readonly perSecond: number;
  readonly atOnce: number | null;
  readonly perDay: number | null;
}

export interface Config {
  readonly db:
    | { readonly kind: 'pglite'; readonly dataDir: string }
    | {
        readonly kind: 'postgres';
        readonly url: string;
        readonly migrationUrl: string | null;
        readonly connections: number;
      };
  readonly dataDir: string;
  readonly masterKeyFile: string;
  readonly host: string;
  readonly port: number;
  readonly portalUrl: string | null;
  /** Whether a server does the background work, too. */
  readonly work: boolean;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly auth: { readonly user: string; readonly pass: string } | null;
    readonly connections: number;
  } & Limits;
  readonly smpp:
    | ({
        readonly host: string;
        readonly port: number;
        readonly systemId: string;
        readonly password: string;
        readonly sender: string;
        readonly window: number;
      } & Limits)
    | null;
  readonly messageIdDomain: string;
  readonly bounceDomain: string;
  readonly inboundPort: number;
  readonly checkout: {
    readonly baseUrl: string;
    readonly pageOrigin: string;
    readonly subscriptionKey: string | null;
    readonly version: 1 | 2;
  } | null;
  readonly fdr: { readonly baseUrl: string; readonly subscriptionKey: string } | null;
  readonly pagopa: {
    readonly allow: readonly string[];
    readonly clientHeader: string | null;
    readonly clients: readonly string[];
    readonly zone: 'rome' | 'utc';
    readonly receiptsDown: 'refuse' | 'silence';
    readonly tls: { readonly port: number; readonly cert: Buffer; readonly key: Buffer; readonly ca: Buffer } | null;
  };
  readonly sealsDir: string;
  readonly importStaleMinutes: number;
  readonly webhookPrivate: boolean;
  readonly apiPerSecond: number;
  readonly metrics: { readonly token: string | null; readonly port: number | null; readonly byBody: boolean };
  readonly traces: { readonly endpoint: string; readonly ratio: number } | null;
  readonly operatorKey: string | null;
  readonly logLevel: string;
  readonly secureCookies: boolean;
}

/** Reads the settings once. Error CONFIG lists every problem, not only the first. */
export function loadConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const read = (key: SettingKey): string | null => {
    const setting = SETTINGS[key];
    const value = env[setting.name]?.trim();
    if (value === undefined || value === '') return setting.default;
    const problem = setting.check(value);
    if (problem !== null) problems.push(`${setting.name} ${problem}`);
    return value;
  };
  const text = (key: SettingKey) => read(key) ?? '';
  const number = (key: SettingKey) => Number(text(key));
  const url = read('databaseUrl');
  const dataDir = text('dataDir');
  const user = read('smtpUser');
  const tokenFile = read('metricsTokenFile');
  const endpoint = read('tracesEndpoint');
  const config: Config = {
    db:
      url === null
        ? { kind: 'pglite', dataDir }
        : {
            kind: 'postgres',
            url,
            migrationUrl: read('databaseMigrationUrl'),
            connections: number('databaseConnections'),
          },
    dataDir,
    masterKeyFile: text('masterKeyFile'),
    host: text('host'),
    port: number('port'),
    portalUrl: read('portalUrl'),
    work: text('work') === 'true',
    smtp: {
      host: text('smtpHost'),
      port: number('smtpPort'),
      auth:
        user === null
          ? null
          : { user, pass: readSecret('BONARIO_SMTP_PASSWORD_FILE', read('smtpPasswordFile'), problems) },
      connections: number('smtpConnections'),
      perSecond: number('emailPerSecond'),
      atOnce: orNone(read('emailAtOnce')),
      perDay: orNone(read('emailPerDay')),
    },
    smpp: readSmpp(read, problems),
    messageIdDomain: text('messageIdDomain'),
    bounceDomain: text('bounceDomain'),
    inboundPort: number('inboundPort'),
    checkout: readCheckout(read, problems),
    fdr: readFdr(read, problems),
    pagopa: readPagopa(read, problems),
    sealsDir: text('sealsDir'),
    importStaleMinutes: number('importStaleMinutes'),
    webhookPrivate: text('webhookPrivate') === 'true',
    apiPerSecond: number('apiPerSecond'),
    metrics: {
      token: tokenFile === null ? null : readToken(tokenFile, problems),
      port: orNone(read('metricsPort')),
      byBody: text('metricsByBody') === 'true',
    },
    traces: endpoint === null ? null : { endpoint, ratio: Number(text('tracesShare')) },
    operatorKey: read('operatorKey'),
    logLevel: text('logLevel'),
    secureCookies: text('secureCookies') === 'true',
  };
  if (problems.length > 0) throw new CodedError('CONFIG', problems.join('; '), { problems: problems.length });
  return config;
}

const orNone = (value: string | null) => (value === null ? null : Number(value));

function readSmpp(read: (key: SettingKey) => string | null, problems: string[]): Config['smpp'] {
  const host = read('smppHost');
  if (host === null) return null;
  const sender = read('smppSender');
  if (sender === null) problems.push('BONARIO_SMPP_HOST needs BONARIO_SMPP_SENDER');
  return {
    host,
    port: Number(read('smppPort')),
    systemId: read('smppSystemId') ?? '',
    password: readSecret('BONARIO_SMPP_PASSWORD_FILE', read('smppPasswordFile'), problems),
    sender: sender ?? '',
    window: Number(read('smppWindow')),
    perSecond: Number(read('smsPerSecond')),
    atOnce: orNone(read('smsAtOnce')),
    perDay: orNone(read('smsPerDay')),
  };
}

function readCheckout(read: (key: SettingKey) => string | null, problems: string[]): Config['checkout'] {
  const [baseUrl, page, keyFile] = [read('checkoutUrl'), read('checkoutPage'), read('checkoutKeyFile')];
  if (baseUrl === null || problems.length > 0) return null;
  return {
    baseUrl,
    pageOrigin: new URL(page ?? baseUrl).origin,
    subscriptionKey: keyFile === null ? null : readSecret('BONARIO_CHECKOUT_KEY_FILE', keyFile, problems),
    version: /\/v2\/?$/.test(baseUrl) ? 2 : 1,
  };
}

function readFdr(read: (key: SettingKey) => string | null, problems: string[]): Config['fdr'] {
  const baseUrl = read('fdrUrl');
  if (baseUrl === null) return null;
  return { baseUrl, subscriptionKey: readSecret('BONARIO_FDR_KEY_FILE', read('fdrKeyFile'), problems) };
}

function readPagopa(read: (key: SettingKey) => string | null, problems: string[]): Config['pagopa'] {
  const list = (text: string | null, mark: string) =>
    (text ?? '')
      .split(mark)
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const clientHeader = read('pagopaClientHeader');
  const clients = list(read('pagopaClients'), ';');
  if (clientHeader !== null && clients.length === 0) {
    problems.push('BONARIO_PAGOPA_CLIENT_HEADER needs BONARIO_PAGOPA_CLIENTS');
  }
  const port = read('pagopaPort');
  const file = (name: string, key: SettingKey) => Buffer.from(readSecret(name, read(key), problems));
  return {
    allow: list(read('pagopaAllow'), ','),
    clientHeader,
    clients,
    zone: read('pagopaZone') === 'utc' ? 'utc' : 'rome',
    receiptsDown: read('pagopaReceiptsDown') === 'silence' ? 'silence' : 'refuse',
    tls:
      port === null
        ? null
        : {
            port: Number(port),
            cert: file('BONARIO_PAGOPA_CERT_FILE', 'pagopaCertFile'),
            key: file('BONARIO_PAGOPA_KEY_FILE', 'pagopaKeyFile'),
            ca: file('BONARIO_PAGOPA_CA_FILE', 'pagopaCaFile'),
          },
  };
}

/** A short one could be guessed, and whoever listens on more than this machine relies on it. */
function readToken(path: string, problems: string[]): string {
  const token = readSecret('BONARIO_METRICS_TOKEN_FILE', path, problems);
  if (token.length < 16) problems.push('BONARIO_METRICS_TOKEN_FILE must hold at least 16 characters');
  return token;
}

function readSecret(name: string, path: string | null, problems: string[]): string {
  if (path === null) {
    problems.push(`${name} is missing`);
    return '';
  }
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    problems.push(`${name} cannot be read`);
    return '';
  }
}

/** The table of `docs/configuration.md`. */
export function configurationTable(): string {
  const rows = Object.values(SETTINGS).map(
    (s) => `| \`${s.name}\` | ${s.default === null ? '' : `\`${s.default}\``} | ${s.what} |`,
  );
  return ['| setting | default | what it is for |', '| --- | --- | --- |', ...rows].join('\n');
}
