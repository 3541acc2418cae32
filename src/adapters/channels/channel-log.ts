/** The part of pino that channel adapters use. Objects carry ids and codes only, never a recipient. */
export interface ChannelLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
