import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface Marks {
  readonly confirmed: number;
  readonly pending: number;
}

const NONE: Marks = { confirmed: 0, pending: 0 };

/** Marks that only ever rise, in a small file of their own, written whole and renamed. */
export class FileHighWater {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(enteId: number, name: string): Marks {
    return this.#load()[`${enteId}/${name}`] ?? NONE;
  }

  write(enteId: number, name: string, marks: Marks): void {
    const all = this.#load();
    const before = this.read(enteId, name);
    all[`${enteId}/${name}`] = {
      confirmed: Math.max(before.confirmed, marks.confirmed),
      pending: Math.max(before.pending, marks.pending),
    };
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const next = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(next, JSON.stringify(all), { mode: 0o600 });
    renameSync(next, this.#path);
  }

  #load(): Record<string, Marks> {
    return existsSync(this.#path) ? (JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, Marks>) : {};
  }
}
