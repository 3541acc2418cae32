import { pino } from 'pino';

/**
 * The program's log: ids, codes and counts; never a codice fiscale, an address, a token or a text (architecture §4.4).
 * A healthy system logs no error: error means that somebody acts now.
 */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** `destination` null: standard error, so that nothing disturbs `--json`. */
export function makeLog(level: string, destination: NodeJS.WritableStream | null): Log {
  const options = {
    level,
    base: null,
    serializers: {
      // A database error may quote the row it choked on: its code says enough.
      err: (error: Error & { code?: string }) => ({ type: error.name, code: error.code, stack: firstFrames(error) }),
    },
  };
  return pino(options, (destination ?? pino.destination(2)) as never);
}

function firstFrames(error: Error): string | undefined {
  return error.stack
    ?.split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .slice(0, 8)
    .join('\n');
}
