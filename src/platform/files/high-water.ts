import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Marks that only ever rise, in a small file of their own, written whole and renamed. */
export class FileHighWater {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(enteId: number, name: string): number {
    return this.#load()[`${enteId}/${name}`] ?? 0;
  }

  write(enteId: number, name: string, mark: number): void {
    const marks = this.#load();
    const key = `${enteId}/${name}`;
    marks[key] = Math.max(marks[key] ?? 0, mark);
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const next = `${this.#path}.${process.pid}.tmp`;
    writeFileSync(next, JSON.stringify(marks), { mode: 0o600 });
    renameSync(next, this.#path);
  }

  #load(): Record<string, number> {
    return existsSync(this.#path) ? (JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, number>) : {};
  }
}
