/**
 * Every setting of the program, once: name in the environment, what it is for, its default. `docs/configuration.md` is
 * made from this table; no other file reads the environment (architecture §7).
 */
export interface Setting {
  readonly name: string;
  readonly what: string;
  readonly default: string | null;
  readonly check: (value: string) => string | null;
}

const anything = () => null;
const port = (value: string) =>
  /^\d{1,5}$/.test(value) && Number(value) < 65_536 ? null : 'must be a port, 0 to 65535';
const positive = (value: string) => (/^[1-9]\d{0,5}$/.test(value) ? null : 'must be a whole number above 0');
const positiveMillions = (value: string) => (/^[1-9]\d{0,8}$/.test(value) ? null : 'must be a whole number above 0');
const atLeastZero = (value: string) => (/^\d{1,6}$/.test(value) ? null : 'must be a whole number, 0 or more');
const url = (value: string) => (URL.canParse(value) ? null : 'must be an absolute URL');
const share = (value: string) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(value) ? null : 'must be a number from 0 to 1');
const yesNo = (value: string) => (value === 'true' || value === 'false' ? null : 'must be true or false');

const networks = (value: string) =>
  value.split(',').every((one) => /^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(one.trim()))
    ? null
    : 'must be addresses or networks (192.0.2.0/24), separated by commas';
const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value) ? null : `must be ${values.join(' or ')}`;

const set = (name: string, what: string, def: string | null, check: Setting['check'] = anything): Setting => ({
  name,
  what,
  default: def,
  check,
});

export const SETTINGS = {
  databaseUrl: set(
    'DATABASE_URL',
    'PostgreSQL 15 or later, with a role that cannot bypass row-level security and is a member of `bonario_app`. Empty: PGlite in the data folder.',
    null,
  ),
  databaseMigrationUrl: set(
    'DATABASE_MIGRATION_URL',
    'The owner of the schema, used by `bonario migrate` alone.',
    null,
  ),
  databaseConnections: set(
    'BONARIO_DATABASE_CONNECTIONS',
    'Connections of one process to PostgreSQL at once.',
    '10',
    positive,
  ),
  work: set(
    'BONARIO_WORK',
    'Whether `bonario serve` also sends, plans and seals; false leaves that to `bonario worker`, on PostgreSQL alone.',
    'true',
    yesNo,
  ),
  dataDir: set('BONARIO_DATA_DIR', 'Folder of the embedded database, its lock and the local socket.', './data'),
  masterKeyFile: set(
    'BONARIO_MASTER_KEY_FILE',
    'File with the master key (64 hex digits, mode 600), outside the data folder; made on first use. Without it nobody can read the data: keep a copy apart from the backups.',
    './keys/master.key',
  ),
  host: set('BONARIO_HOST', 'Address to listen on.', '127.0.0.1'),
  port: set('PORT', 'Port to listen on; 0 takes a free one.', '8080', port),
  portalUrl: set(
    'BONARIO_PORTAL_URL',
    'Public address of the portal, as it stands in messages. Empty: the local one.',
    null,
    url,
  ),
  smtpHost: set('BONARIO_SMTP_HOST', 'Mail host for sending.', '127.0.0.1'),
  smtpPort: set('BONARIO_SMTP_PORT', 'Its port; 465 means TLS from the start.', '587', port),
  smtpUser: set('BONARIO_SMTP_USER', 'User for sending; empty: none.', null),
  smtpPasswordFile: set('BONARIO_SMTP_PASSWORD_FILE', 'File with the password.', null),
  smtpConnections: set(
    'BONARIO_SMTP_CONNECTIONS',
    'Connections of one process to the mail host at once.',
    '4',
    positive,
  ),
  emailPerSecond: set('BONARIO_EMAIL_PER_SECOND', 'Most e-mails a second, of all processes together.', '20', positive),
  emailAtOnce: set(
    'BONARIO_EMAIL_AT_ONCE',
    'Most e-mails that the mail host has not answered yet, of all processes together. Empty: no limit beside the connections of each.',
    null,
    positive,
  ),
  emailPerDay: set(
    'BONARIO_EMAIL_PER_DAY',
    'Most e-mails a day (in Rome) of campaigns; what is left waits for the next day. Empty: no limit.',
    null,
    positiveMillions,
  ),
  smppHost: set('BONARIO_SMPP_HOST', 'SMS provider, by SMPP 3.4. Empty: no SMS.', null),
  smppPort: set('BONARIO_SMPP_PORT', 'Its port.', '2775', port),
  smppSystemId: set('BONARIO_SMPP_SYSTEM_ID', 'Our name at the provider.', 'bonario'),
  smppPasswordFile: set('BONARIO_SMPP_PASSWORD_FILE', 'File with the password at the provider.', null),
  smppSender: set(
    'BONARIO_SMPP_SENDER',
    'Sender of the SMS: an alias of at most 11 characters registered with AGCOM, or a number in E.164, which people can answer.',
    null,
  ),
  smppWindow: set('BONARIO_SMPP_WINDOW', 'Messages of one process in flight at once, by contract.', '10', positive),
  smsPerSecond: set('BONARIO_SMS_PER_SECOND', 'Most SMS a second, of all processes together.', '10', positive),
  smsAtOnce: set(
    'BONARIO_SMS_AT_ONCE',
    'Most SMS that the provider has not answered yet, of all processes together. Empty: no limit beside the window of each.',
    null,
    positive,
  ),
  smsPerDay: set(
    'BONARIO_SMS_PER_DAY',
    'Most SMS a day (in Rome) of campaigns; what is left waits for the next day. Empty: no limit.',
    null,
    positiveMillions,
  ),
  messageIdDomain: set('BONARIO_MESSAGE_ID_DOMAIN', 'Domain of our Message-ID.', 'bonario.invalid'),
  bounceDomain: set(
    'BONARIO_BOUNCE_DOMAIN',
    'Domain of the return paths; its mail must reach the inbound port.',
    'rimbalzi.bonario.invalid',
  ),
  inboundPort: set('BONARIO_INBOUND_PORT', 'Port that takes bounces by SMTP; 0 takes a free one.', '0', port),
  checkoutUrl: set(
    'BONARIO_CHECKOUT_URL',
    'pagoPA Checkout, up to `/carts` (…/checkout/ec/v1 or /v2). Empty: people pay with the notice number elsewhere.',
    null,
    url,
  ),
  checkoutPage: set(
    'BONARIO_CHECKOUT_PAGE',
    'Address of the payment page, the only one a browser is sent to. Empty: the same as of Checkout.',
    null,
    url,
  ),
  checkoutKeyFile: set('BONARIO_CHECKOUT_KEY_FILE', 'File with the subscription key of Checkout. Empty: none.', null),
  fdrUrl: set(
    'BONARIO_FDR_URL',
    'pagoPA FdR, up to `/fdr-org/service/v1`: flows are fetched once an hour. Empty: they are loaded by hand.',
    null,
    url,
  ),
  fdrKeyFile: set('BONARIO_FDR_KEY_FILE', 'File with the subscription key of FdR.', null),
  pagopaAllow: set(
    'BONARIO_PAGOPA_ALLOW',
    'Addresses and networks that may call the station `/pagopa/paForNode`, separated by commas: those of the node, or of the proxy before it.',
    '127.0.0.1,::1',
    networks,
  ),
  pagopaClientHeader: set(
    'BONARIO_PAGOPA_CLIENT_HEADER',
    'Header in which a reverse proxy on this machine names the client certificate it has verified. Empty: none is asked for.',
    null,
  ),
  pagopaClients: set(
    'BONARIO_PAGOPA_CLIENTS',
    'What that header may say: subjects or fingerprints as the proxy writes them, separated by semicolons.',
    null,
  ),
  pagopaPort: set(
    'BONARIO_PAGOPA_PORT',
    'Port of a TLS server of our own for the station, with client certificates. Empty: none; a reverse proxy does it.',
    null,
    port,
  ),
  pagopaCertFile: set('BONARIO_PAGOPA_CERT_FILE', 'Certificate chain of that server, PEM.', null),
  pagopaKeyFile: set('BONARIO_PAGOPA_KEY_FILE', 'Its private key, PEM.', null),
  pagopaCaFile: set('BONARIO_PAGOPA_CA_FILE', 'Certificates of whoever may call it, or of their authority, PEM.', null),
  pagopaZone: set(
    'BONARIO_PAGOPA_ZONE',
    'Zone of the payment time in receipts, which name none: rome or utc. No document says which (Rome is assumed).',
    'rome',
    oneOf('rome', 'utc'),
  ),
  pagopaReceiptsDown: set(
    'BONARIO_PAGOPA_RECEIPTS_DOWN',
    'What a receipt is answered with while the database does not answer: refuse (KO PAA_SYSTEM_ERROR) or silence (HTTP 503, which the node tells again).',
    'refuse',
    oneOf('refuse', 'silence'),
  ),
  sealsDir: set(
    'BONARIO_SEALS_DIR',
    'Folder where audit seals are exported; better a place that the database owner cannot rewrite.',
    './seals',
  ),
  importStaleMinutes: set(
    'BONARIO_IMPORT_STALE_MINUTES',
    'A file whose loading has not moved for so long has lost its process: whoever leads finishes it, or drops it where it was not read to the end.',
    '5',
    positive,
  ),
  webhookPrivate: set(
    'BONARIO_WEBHOOK_PRIVATE',
    'Whether webhooks may go to private and loopback addresses.',
    'false',
    yesNo,
  ),
  apiPerSecond: set(
    'BONARIO_API_PER_SECOND',
    'Requests a second of one API key, receipts aside, and five times as many at once; beyond: 429. 0: no limit.',
    '20',
    atLeastZero,
  ),
  metricsTokenFile: set(
    'BONARIO_METRICS_TOKEN_FILE',
    'File with the token that whoever reads `/metrics` shows as a bearer. Empty: read from this machine alone, not through a proxy.',
    null,
  ),
  metricsPort: set(
    'BONARIO_METRICS_PORT',
    'Port on which `bonario worker` shows `/metrics` and `/healthz`, on the address of BONARIO_HOST. Empty: none.',
    null,
    port,
  ),
  metricsByBody: set(
    'BONARIO_METRICS_BY_BODY',
    'Whether the metrics name the body: as many series as there are bodies.',
    'false',
    yesNo,
  ),
  tracesEndpoint: set(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'Base address of an OTLP/HTTP collector for traces. Empty: no traces, at no cost. The other OTEL_EXPORTER_OTLP_* of the standard hold, too.',
    null,
    url,
  ),
  tracesShare: set(
    'OTEL_TRACES_SAMPLER_ARG',
    'Share of the notices that are traced, 0 to 1, chosen by their id.',
    '0.01',
    share,
  ),
  operatorKey: set('BONARIO_KEY', 'Key of the operator who gives commands.', null),
  logLevel: set('BONARIO_LOG_LEVEL', 'trace, debug, info, warn, error or silent.', 'info'),
  secureCookies: set('BONARIO_SECURE_COOKIES', 'Cookies only over https: true behind TLS.', 'false', yesNo),
} as const;

export type SettingKey = keyof typeof SETTINGS;
