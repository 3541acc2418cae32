#!/usr/bin/env node
// Native packages list one optional package per platform. Where the registry in use does not carry them all, npm writes a
// lock without the missing ones, and `npm ci` then calls that lock out of step. This adds the missing entries, at the very
// version their parent pins: npm skips them on every other platform, and fetches them on theirs. Run after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const OS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
  'windows',
];
const CPU = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

let added = 0;
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = [`node_modules/${name}`, `${parent}/node_modules/${name}`].some(
      (key) => lock.packages[key] !== undefined,
    );
    if (known || parent === '') continue;
    const version = range.replace(/^[~^=]/, '');
    const words = name.split(/[/-]/);
    const os = OS.find((one) => words.includes(one));
    const libc = words.some((word) => word.startsWith('musl')) ? { libc: ['musl'] } : {};
    const cpu = CPU.find((one) => words.includes(one));
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(entry.dev === true ? { dev: true } : {}),
      ...libc,
      optional: true,
      ...(os === undefined ? {} : { os: [os === 'windows' ? 'win32' : os] }),
    };
    added += 1;
  }
}
const root = lock.packages[''];
delete lock.packages[''];
lock.packages = { '': root, ...Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform entries added`);
