import { sha256Hex } from '../../../src/kernel/hash.ts';
import { PositionRefused } from './position.ts';
import { positionV1 } from './position-json.ts';
import type { Positions, Service } from './positions.ts';
import { unzipOne } from './zip.ts';

export type UploadKind = 'POST' | 'PUT' | 'DELETE';

/** How one or more positions of a file fared. */
interface Entry {
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly requestIDs: string[];
}

interface Upload {
  readonly id: string;
  readonly organization: string;
  readonly submitted: number;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly entries: readonly Entry[];
}

export interface Uploads {
  /** The id of what was accepted; throws PositionRefused 400 for a file that is none. */
  accept(service: Service, organization: string, kind: UploadKind, contentType: string, body: Buffer): string;
  /** Throws 404. `report` is null while it is too early for one. */
  status(organization: string, id: string): object;
  report(organization: string, id: string): object | null;
  ids(organization: string, from: number, to: number): string[];
  clear(): void;
}

/** Zipped (pagopa §8). */
const MAX_ZIP = 5 * 1024 * 1024;

/** The massive upload: a ZIP with one JSON, worked off at once and told of after `takesMs` of simulated time. */
export function makeUploads(positions: Positions, simNow: () => number, takesMs: number): Uploads {
  const uploads = new Map<string, Upload>();

  function known(organization: string, id: string): Upload {
    const upload = uploads.get(id);
    if (upload === undefined || upload.organization !== organization) throw new PositionRefused(404, `no upload ${id}`);
    return upload;
  }

  const isDone = (upload: Upload): boolean => simNow() >= upload.endsAt;

  function state(upload: Upload): object {
    const done = isDone(upload);
    return {
      uploadID: upload.id,
      processedItem: done ? upload.submitted : 0,
      submittedItem: upload.submitted,
      startTime: new Date(upload.startedAt).toISOString(),
      operationStatus: done ? outcomeOf(upload.entries) : 'IN_PROGRESS',
    };
  }

  return {
    accept(service, organization, kind, contentType, body) {
      const items = itemsIn(kind, contentType, body);
      const startedAt = simNow();
      const id = sha256Hex(`${organization}|${uploads.size}|${startedAt}`).slice(0, 32);
      const entries = merge(items.flatMap((item) => apply(positions, service, organization, kind, item) ?? []));
      uploads.set(id, { id, organization, submitted: items.length, startedAt, endsAt: startedAt + takesMs, entries });
      return id;
    },
    status: (organization, id) => state(known(organization, id)),
    report(organization, id) {
      const upload = known(organization, id);
      if (!isDone(upload)) return null;
      return { ...state(upload), responses: upload.entries, endTime: new Date(upload.endsAt).toISOString() };
    },
    ids: (organization, from, to) =>
      [...uploads.values()]
        .filter((one) => one.organization === organization && one.startedAt >= from && one.startedAt < to)
        .map(({ id }) => id),
    clear: () => uploads.clear(),
  };
}

function itemsIn(kind: UploadKind, contentType: string, body: Buffer): unknown[] {
  let content: unknown;
  try {
    const zip = filePart(contentType, body);
    if (zip.length > MAX_ZIP) throw new Error('the file is larger than 5 MB');
    content = JSON.parse(unzipOne(zip).toString('utf8'));
  } catch (error) {
    throw new PositionRefused(400, error instanceof Error ? error.message : 'no file');
  }
  const list = typeof content === 'object' && content !== null ? Object.entries(content) : [];
  const wanted = kind === 'DELETE' ? 'paymentPositionIUPDs' : 'paymentPositions';
  const items: unknown = list.find(([name]) => name === wanted)?.[1];
  if (!Array.isArray(items)) throw new PositionRefused(400, `the file holds no ${wanted}`);
  return items;
}

/** The part called `file` of a multipart body. */
function filePart(contentType: string, body: Buffer): Buffer {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error('no multipart/form-data');
  const edge = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(edge); at >= 0; ) {
    const next = body.indexOf(edge, at + edge.length);
    if (next < 0) break;
    const part = body.subarray(at + edge.length + 2, next - 2);
    const gap = part.indexOf('\r\n\r\n');
    if (/name="file"/i.test(part.subarray(0, gap).toString('latin1'))) return part.subarray(gap + 4);
    at = next;
  }
  throw new Error('no part called file');
}

/** Null for the update of a position that is not there, which is passed over. */
function apply(
  positions: Positions,
  service: Service,
  organization: string,
  kind: UploadKind,
  item: unknown,
): Entry | null {
  const iupd = typeof item === 'string' ? item : iupdIn(item);
  const entry = (statusCode: number, statusMessage: string): Entry => ({
    statusCode,
    statusMessage,
    requestIDs: [iupd],
  });
  try {
    if (kind === 'DELETE') positions.remove(service, organization, iupd);
    else if (kind === 'POST') positions.create(service, organization, positionV1(item, organization), true);
    else positions.update(service, organization, positionV1(item, organization), true);
    return entry(kind === 'POST' ? 201 : 200, 'Operation successful');
  } catch (error) {
    if (!(error instanceof PositionRefused)) throw error;
    return kind === 'PUT' && error.status === 404 ? null : entry(error.status, error.message);
  }
}

function iupdIn(item: unknown): string {
  return typeof item === 'object' && item !== null && 'iupd' in item ? String(item.iupd) : '';
}

/** Positions that fared alike are told together. */
function merge(entries: readonly Entry[]): Entry[] {
  const merged = new Map<string, Entry>();
  for (const entry of entries) {
    const key = `${entry.statusCode}|${entry.statusMessage}`;
    const first = merged.get(key);
    if (first) first.requestIDs.push(...entry.requestIDs);
    else merged.set(key, entry);
  }
  return [...merged.values()];
}

/** Words of the platform, its misspelling too (pagopa §8). */
function outcomeOf(entries: readonly Entry[]): string {
  const good = entries.filter(({ statusCode }) => statusCode < 300);
  if (good.length === entries.length) return 'COMPLETED';
  return good.length === 0 ? 'COMPLETED_UNSUCESSFULLY' : 'COMPLETED_WITH_WARNINGS';
}
