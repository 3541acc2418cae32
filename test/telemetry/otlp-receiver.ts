import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string>>;
  readonly failed: boolean;
}

type Field = { readonly no: number; readonly value: bigint | Buffer };

/** The fields of one protobuf message: varint, 64-bit and length-delimited are all that OTLP traces use. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) fields.push({ no: key >> 3, value: varint() });
    else if (wire === 1) {
      fields.push({ no: key >> 3, value: message.readBigUInt64LE(at) });
      at += 8;
    } else if (wire === 2) {
      const length = Number(varint());
      fields.push({ no: key >> 3, value: message.subarray(at, at + length) });
      at += length;
    } else if (wire === 5) at += 4;
    else throw new Error(`wire type ${wire}`);
  }
  return fields;
}

const inside = (message: Buffer, no: number): Buffer[] =>
  fieldsOf(message).flatMap((field) => (field.no === no && Buffer.isBuffer(field.value) ? [field.value] : []));
const bytes = (message: Buffer, no: number): Buffer => inside(message, no)[0] ?? Buffer.alloc(0);
const number = (message: Buffer, no: number): bigint => {
  const value = fieldsOf(message).find((field) => field.no === no)?.value;
  return typeof value === 'bigint' ? value : 0n;
};

/** `ExportTraceServiceRequest` → `ResourceSpans` → `ScopeSpans` → `Span`, by the numbers of the OTLP definitions. */
function spansOf(request: Buffer): ReceivedSpan[] {
  const spans = inside(request, 1).flatMap((resource) => inside(resource, 2).flatMap((scope) => inside(scope, 2)));
  return spans.map((span) => ({
    traceId: bytes(span, 1).toString('hex'),
    spanId: bytes(span, 2).toString('hex'),
    parentSpanId: bytes(span, 4).toString('hex'),
    name: bytes(span, 5).toString(),
    startNs: number(span, 7),
    endNs: number(span, 8),
    attributes: Object.fromEntries(
      inside(span, 9).map((pair) => {
        const value = bytes(pair, 2);
        const text = inside(value, 1)[0];
        return [bytes(pair, 1).toString(), text === undefined ? String(number(value, 3)) : text.toString()];
      }),
    ),
    failed: number(bytes(span, 15), 3) === 2n,
  }));
}

export interface OtlpReceiver {
  readonly endpoint: string;
  readonly spans: ReceivedSpan[];
  close(): Promise<void>;
}

/** A collector that speaks OTLP over HTTP with protobuf, and keeps what it is told. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const right = request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
      if (right) spans.push(...spansOf(Buffer.concat(pieces)));
      response.writeHead(right ? 200 : 400, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}
