import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the built files (tools/build-assets.mjs), served under `/assets/`. */
export const assetsFolder = fileURLToPath(new URL('../assets', import.meta.url));

const manifest = new Map(
  Object.entries(JSON.parse(readFileSync(`${assetsFolder}/manifest.json`, 'utf8')) as Record<string, string>),
);

/** The address of a built file by its plain name; throws if the build did not make it. */
export function assetUrl(name: string): string {
  const hashed = manifest.get(name);
  if (hashed === undefined) throw new Error(`no asset named ${name}: run npm run css`);
  return `/assets/${hashed}`;
}
