import { readFileSync } from 'node:fs';
import { CodedError } from '../kernel/errors.ts';
import { SETTINGS, type SettingKey } from './schema.ts';

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
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly auth: { readonly user: string; readonly pass: string } | null;
    readonly connections: number;
    readonly perSecond: number;
  };
  readonly smpp: {
    readonly host: string;
    readonly port: number;
    readonly systemId: string;
    readonly password: string;
    readonly sender: string;
    readonly window: number;
    readonly perSecond: number;
  } | null;
  readonly messageIdDomain: string;
  readonly bounceDomain: string;
  readonly inboundPort: number;
  readonly railUrl: string | null;
  readonly sealsDir: string;
  readonly webhookPrivate: boolean;
  readonly apiPerSecond: number;
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
    smtp: {
      host: text('smtpHost'),
      port: number('smtpPort'),
      auth:
        user === null
          ? null
          : { user, pass: readSecret('BONARIO_SMTP_PASSWORD_FILE', read('smtpPasswordFile'), problems) },
      connections: number('smtpConnections'),
      perSecond: number('emailPerSecond'),
    },
    smpp: readSmpp(read, problems),
    messageIdDomain: text('messageIdDomain'),
    bounceDomain: text('bounceDomain'),
    inboundPort: number('inboundPort'),
    railUrl: read('railUrl'),
    sealsDir: text('sealsDir'),
    webhookPrivate: text('webhookPrivate') === 'true',
    apiPerSecond: number('apiPerSecond'),
    operatorKey: read('operatorKey'),
    logLevel: text('logLevel'),
    secureCookies: text('secureCookies') === 'true',
  };
  if (problems.length > 0) throw new CodedError('CONFIG', problems.join('; '), { problems: problems.length });
  return config;
}

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
  };
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
