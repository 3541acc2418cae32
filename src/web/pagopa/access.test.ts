import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { makeGate, networksOf } from './access.ts';
import { registerPagopa } from './index.ts';

const from = (ip: string, over: { peer?: string; certified?: boolean; headers?: Record<string, string> } = {}) => ({
  ip,
  peer: over.peer ?? ip,
  certified: over.certified ?? false,
  header: (name: string) => over.headers?.[name],
});

describe('the door of the station', () => {
  it('opens to the places that were named, in both families', () => {
    const open = makeGate({
      allow: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'],
      clientHeader: null,
      clients: [],
    });
    for (const ip of ['192.0.2.9', '::ffff:192.0.2.9', '2001:db8::1', '198.51.100.7'])
      expect(open(from(ip)), ip).toBe(true);
    for (const ip of ['192.0.3.1', '198.51.100.8', '127.0.0.1', '::1', 'nonsense', ''])
      expect(open(from(ip)), ip).toBe(false);
  });

  it('asks for the certificate that a proxy of this machine names, and believes nobody else', () => {
    const open = makeGate({ allow: ['0.0.0.0/0'], clientHeader: 'x-client', clients: ['CN=nodo'] });
    const headers = { 'x-client': 'CN=nodo' };
    expect(open(from('203.0.113.1', { peer: '127.0.0.1', headers }))).toBe(true);
    expect(open(from('203.0.113.1', { peer: '127.0.0.1', headers: { 'x-client': 'CN=altro' } }))).toBe(false);
    expect(open(from('203.0.113.1', { peer: '127.0.0.1' }))).toBe(false);
    expect(open(from('203.0.113.1', { peer: '203.0.113.1', headers }))).toBe(false);
  });

  it('opens to a certificate that our own TLS has verified', () => {
    const open = makeGate({ allow: [], clientHeader: 'x-client', clients: ['a'] });
    expect(open(from('203.0.113.1', { certified: true }))).toBe(true);
    expect(open(from('203.0.113.1'))).toBe(false);
  });

  it('knows what is a network', () => {
    for (const bad of ['x', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::1/129'])
      expect(networksOf([bad]), bad).toBeNull();
  });
});

describe('the route', () => {
  const server = () => {
    const app = Fastify();
    const seen: string[] = [];
    const access = { allow: ['127.0.0.1'], clientHeader: null, clients: [] };
    registerPagopa(app, {
      access,
      answer: async (body, action) => {
        seen.push(`${action}|${Buffer.from(body)}`);
        return { status: 200, xml: '<a/>' };
      },
    });
    return { app, seen };
  };
  const post = { method: 'POST', url: '/pagopa/paForNode' } as const;

  it('hands the bytes on as they are, whatever they say they are', async () => {
    const { app, seen } = server();
    for (const type of ['text/xml; charset=utf-8', 'application/soap+xml', 'application/json']) {
      const headers = { 'content-type': type, soapaction: '"paSendRT"' };
      const answer = await app.inject({ ...post, headers, payload: '<x>' });
      expect([answer.statusCode, answer.body]).toEqual([200, '<a/>']);
      expect(answer.headers['content-type']).toMatch(/^text\/xml/);
    }
    expect(seen).toEqual(Array(3).fill('"paSendRT"|<x>'));
  });

  it('turns away whoever was not named, and what is too long, in silence', async () => {
    const { app, seen } = server();
    const stranger = await app.inject({ ...post, payload: '<x/>', remoteAddress: '203.0.113.9' });
    expect([stranger.statusCode, stranger.body]).toEqual([403, '']);
    const headers = { 'content-type': 'text/xml' };
    const long = await app.inject({ ...post, headers, payload: 'x'.repeat(600_000) });
    expect([long.statusCode, long.body]).toEqual([413, '']);
    expect(seen).toEqual([]);
  });
});
