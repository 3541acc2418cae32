import { type HttpCall, type HttpReply, json, problem } from '../http-server.ts';
import type { OpenApiCheck } from '../open-api.ts';
import type { Registry } from '../registry.ts';
import { createPosition } from './create-position.ts';
import { listPositions } from './list-positions.ts';
import { gpdInstant, type Position, type PositionInput, PositionRefused } from './position.ts';
import { answer, answerOption, answerV3, echoV1, type Version } from './position-answers.ts';
import { positionV1, positionV3 } from './position-json.ts';
import type { Positions, Service } from './positions.ts';
import type { Uploads } from './uploads.ts';

export interface GpdOptions {
  readonly positions: Positions;
  readonly uploads: Uploads;
  readonly registry: Registry;
  readonly simNow: () => number;
  /** Looks at bodies with the official OpenAPI. */
  readonly check?: OpenApiCheck | undefined;
}

const ROUTE =
  /^\/(gpd|aca)\/debt-positions-service\/v([123])\/organizations\/(\d{11})\/(debtpositions|paymentoptions\/paids)(?:\/([^/]+))?(?:\/(publish|invalidate))?$/;
const UPLOAD =
  /^\/upload\/(gpd|aca)\/debt-positions-service\/v[12]\/brokers\/[^/]+\/organizations\/(\d{11})\/debtpositions\/(?:files|file(?:\/([^/]+)\/(status|report))?)$/;
const DAY_MS = 86_400_000;
const MAX_BULK = 20;

/** GPD and ACA: positions one by one, twenty at once, and by file (pagopa §7, §8). */
export function makeGpd(options: GpdOptions): (call: HttpCall) => HttpReply {
  const { positions, uploads } = options;

  function read(call: HttpCall, version: Version, organization: string): PositionInput {
    const raw = parse(call);
    checkOfficial(raw, version);
    return version === 3 ? positionV3(raw, organization) : positionV1(raw, organization);
  }

  function checkOfficial(raw: unknown, version: Version): void {
    const wrong = options.check?.(version === 3 ? 'gpdV3Position' : 'gpdV1Position', raw) ?? [];
    if (wrong.length > 0) throw new PositionRefused(400, wrong.join('; '));
  }

  const toPublish = (call: HttpCall): boolean => call.query.get('toPublish') === 'true';
  const echo = (position: Position, version: Version): object =>
    version === 3 ? answerV3(position) : echoV1(position);

  function collection(call: HttpCall, service: Service, version: Version, organization: string): HttpReply {
    if (version === 2) return bulk(call, service, organization);
    if (call.method === 'GET') return listPositions(call, positions.list(service, organization), version);
    if (call.method !== 'POST') return problem(405, 'Method Not Allowed');
    const position = positions.create(service, organization, read(call, version, organization), toPublish(call));
    return json(201, echo(position, version));
  }

  function bulk(call: HttpCall, service: Service, organization: string): HttpReply {
    const name = call.method === 'DELETE' ? 'paymentPositionIUPDs' : 'paymentPositions';
    const raw = parse(call);
    const items: unknown =
      typeof raw === 'object' && raw !== null ? Object.entries(raw).find(([key]) => key === name)?.[1] : null;
    if (!Array.isArray(items) || items.length === 0 || items.length > MAX_BULK)
      throw new PositionRefused(400, `1-20 ${name}`);
    if (call.method === 'DELETE') {
      for (const iupd of items) positions.remove(service, organization, String(iupd));
      return json(200, {});
    }
    const inputs = items.map((item) => {
      checkOfficial(item, 1);
      return positionV1(item, organization);
    });
    if (call.method === 'POST') createAll(service, organization, inputs, toPublish(call));
    else for (const input of inputs) positions.update(service, organization, input, toPublish(call));
    return json(call.method === 'POST' ? 201 : 200, {});
  }

  /** All, or none. */
  function createAll(service: Service, organization: string, inputs: readonly PositionInput[], publish: boolean): void {
    const made: string[] = [];
    try {
      for (const input of inputs) made.push(positions.create(service, organization, input, publish).iupd);
    } catch (error) {
      for (const iupd of made) positions.remove(service, organization, iupd);
      throw error;
    }
  }

  function one(
    call: HttpCall,
    service: Service,
    version: Version,
    organization: string,
    iupd: string,
    action: string,
  ): HttpReply {
    if (call.method === 'POST' && action === 'publish')
      return json(200, echo(positions.publish(service, organization, iupd), version));
    if (call.method === 'POST' && action === 'invalidate' && version !== 3) {
      return json(200, echo(positions.invalidate(service, organization, iupd), version));
    }
    if (action !== '') return problem(404, 'Not Found');
    if (call.method === 'GET') return json(200, answer(positions.get(service, organization, iupd), version));
    if (call.method === 'DELETE') {
      positions.remove(service, organization, iupd);
      return json(200, {});
    }
    if (call.method !== 'PUT') return problem(405, 'Method Not Allowed');
    const input = { ...read(call, version, organization), iupd };
    return json(200, echo(positions.update(service, organization, input, toPublish(call)), version));
  }

  function upload(
    call: HttpCall,
    service: Service,
    organization: string,
    id: string | undefined,
    what: string | undefined,
  ): HttpReply {
    const { method } = call;
    if (id !== undefined && what === 'status') return json(200, uploads.status(organization, id));
    if (id !== undefined) {
      const report = uploads.report(organization, id);
      return report === null ? problem(425, 'Too Early') : json(200, report);
    }
    if (method === 'GET') {
      const from = Date.parse(call.query.get('from') ?? '');
      const to = Date.parse(call.query.get('to') ?? '') + DAY_MS;
      if (!(to - from <= 7 * DAY_MS)) throw new PositionRefused(400, 'a range of at most 7 days');
      return json(200, { fileIds: uploads.ids(organization, from, to) });
    }
    if (method !== 'POST' && method !== 'PUT' && method !== 'DELETE') return problem(405, 'Method Not Allowed');
    const accepted = uploads.accept(service, organization, method, call.headers['content-type'] ?? '', call.body);
    const location = `${call.path}/${accepted}/status`;
    return { status: 202, headers: { location, 'retry-after': '60' } };
  }

  function route(call: HttpCall): HttpReply {
    if (call.path === '/aca/v1/paCreatePosition' && call.method === 'POST') {
      return json(200, createPosition(positions, options.registry, call.body.toString('utf8')));
    }
    const file = UPLOAD.exec(call.path);
    if (file !== null) return upload(call, file[1] as Service, file[2] ?? '', file[3], file[4]);
    const found = ROUTE.exec(call.path);
    if (found === null) return problem(404, 'Not Found');
    const [, service, digit, organization = '', kind, id, action = ''] = found;
    const version = Number(digit) as Version;
    if (kind === 'debtpositions') {
      if (id === undefined) return collection(call, service as Service, version, organization);
      return one(call, service as Service, version, organization, decodeURIComponent(id), action);
    }
    if (id === undefined || call.method !== 'POST' || version === 3) return problem(404, 'Not Found');
    const { position, installment } = positions.markPaid(
      service as Service,
      organization,
      id,
      paidAt(call, options.simNow()),
    );
    return json(200, answerOption(position, installment));
  }

  return (call) => {
    try {
      return route(call);
    } catch (error) {
      if (!(error instanceof PositionRefused)) throw error;
      return problem(error.status, TITLES[error.status], error.message);
    }
  };
}

const TITLES = { 400: 'Bad Request', 404: 'Not Found', 409: 'Conflict', 422: 'Unprocessable Entity' } as const;

function parse(call: HttpCall): unknown {
  try {
    return JSON.parse(call.body.toString('utf8'));
  } catch {
    throw new PositionRefused(400, 'no JSON');
  }
}

function paidAt(call: HttpCall, now: number): number {
  const raw = parse(call);
  return typeof raw === 'object' && raw !== null && 'paymentDate' in raw ? gpdInstant(String(raw.paymentDate)) : now;
}
