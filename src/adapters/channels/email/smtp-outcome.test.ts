import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHostDown, outcomeOf } from './smtp-outcome.ts';

function answered(command: string, response: string) {
  return { code: 'EENVELOPE', command, response, responseCode: Number(response.slice(0, 3)) };
}

describe('answers to RCPT', () => {
  it.each([
    [
      '550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table',
      'permanent',
      '5.1.1',
    ],
    ['550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 more', 'permanent', '5.1.1'],
    ['550 5.4.1 Recipient address rejected: Access denied.', 'permanent', '5.4.1'],
    ['550 5.1.0 Address rejected', 'permanent', '5.1.0'],
    ['550 No such user here', 'permanent', '550'],
    ['550 rejected', 'permanent', '550'],
    ['551 not local', 'permanent', '551'],
    ['553 5.1.3 bad address syntax', 'permanent', '5.1.3'],
    ['450 4.1.2 <a@nowhere.example>: Recipient address rejected: Domain not found', 'permanent', '4.1.2'],
    ['450 4.1.8 <avvisi@c.example>: Sender address rejected: Domain not found', 'policy', '4.1.8'],
    ['550 5.1.0 blocked using zen.spamhaus.org', 'policy', '5.1.0'],
    ['554 5.7.1 Service unavailable; Client host [192.0.2.4] blocked', 'policy', '5.7.1'],
    ['550 5.7.26 Unauthenticated email from c.example is not accepted', 'policy', '5.7.26'],
    ['552 5.2.2 mailbox full', 'temporary', '5.2.2'],
    ['552 exceeded storage allocation', 'temporary', '552'],
    ['550 5.1.1 casella piena: quota superata', 'temporary', '5.1.1'],
    ['452 4.2.2 over quota, try again later', 'temporary', '4.2.2'],
    ['451 4.3.0 local error', 'temporary', '4.3.0'],
    ['550 5.3.0 something', 'temporary', '5.3.0'],
    ['599 never seen', 'temporary', '599'],
    ['503 5.5.1 bad sequence', 'temporary', '5.5.1'],
    ['501 what', 'technical', '501'],
    ['530 authentication needed', 'technical', '530'],
  ])('%s', (response, fault, code) => {
    expect(outcomeOf(answered('RCPT TO', response), false)).toEqual({ kind: 'rejected', fault, code });
  });

  it.each([
    ['421 4.7.0 too many connections', '4.7.0', 60_000],
    ['451 4.7.1 Greylisted, try again in 7 minutes', '4.7.1', 420_000],
    ['450 4.2.0 Greylisting in action', '4.2.0', 300_000],
    ['450 4.2.1 the user is receiving mail at a rate that prevents more', '4.2.1', 300_000],
    ['451 4.7.500 Server busy. Please try again later', '4.7.500', 300_000],
    ['452 4.3.2 not accepting, retry after 2 s', '4.3.2', 10_000],
    ['450 rate limit, wait 99999 h', '450', 3_600_000],
  ])('asks for a pause: %s', (response, code, afterMs) => {
    expect(outcomeOf(answered('RCPT TO', response), false)).toEqual({ kind: 'retryLater', code, afterMs });
  });
});

describe('answers about us or the content', () => {
  it.each([
    ['MAIL FROM', '550 sender refused', 'policy'],
    ['MAIL FROM', '550 5.1.1 user unknown', 'policy'],
    ['MAIL FROM', '552 5.3.4 message size exceeds limit', 'policy'],
    ['MAIL FROM', '501 5.5.4 syntax', 'technical'],
    ['MAIL FROM', '451 4.3.0 later', 'temporary'],
    ['DATA', '554 refused', 'policy'],
    ['DATA', '554 5.6.0 malformed', 'policy'],
    ['DATA', '550 5.1.1 no such user', 'permanent'],
    ['DATA', '452 4.3.1 no room', 'temporary'],
    ['AUTH PLAIN', '535 5.7.8 wrong password', 'policy'],
    ['EHLO', '502 no', 'technical'],
  ])('%s: %s', (command, response, fault) => {
    expect(outcomeOf(answered(command, response), command === 'DATA')).toMatchObject({ kind: 'rejected', fault });
  });
});

describe('any failure at all', () => {
  const failure = fc.record({
    code: fc.option(fc.constantFrom('ESOCKET', 'ECONNECTION', 'ETIMEDOUT', 'EMESSAGE', 'EENVELOPE', 'EABORT', 'x@y'), {
      nil: undefined,
    }),
    command: fc.option(fc.constantFrom('CONN', 'MAIL FROM', 'RCPT TO', 'DATA', 'API'), { nil: undefined }),
    response: fc.option(fc.string(), { nil: undefined }),
    responseCode: fc.option(fc.integer({ min: 200, max: 700 }), { nil: undefined }),
    originalCode: fc.option(fc.string(), { nil: undefined }),
  });

  it('is never accepted, and is uncertain exactly when the message had begun and was not plainly refused', () => {
    fc.assert(
      fc.property(failure, fc.boolean(), (f, started) => {
        const outcome = outcomeOf(f, started);
        const refused =
          f.command === 'DATA' && f.responseCode !== undefined && f.responseCode >= 400 && f.responseCode < 600;
        expect(outcome.kind).not.toBe('accepted');
        expect(outcome.kind === 'uncertain').toBe(started && !refused);
        if (outcome.kind !== 'accepted') expect(outcome.code).toMatch(/^[^@]{1,200}$/);
      }),
    );
  });

  it('names a host that does not resolve by the code of the system', () => {
    const failure = { code: 'EDNS', originalCode: 'ENOTFOUND', command: 'CONN' };
    expect(outcomeOf(failure, false)).toEqual({ kind: 'rejected', fault: 'technical', code: 'ENOTFOUND' });
  });

  it('stops a batch only for the host, not for one message', () => {
    expect(isHostDown({ code: 'ESOCKET', originalCode: 'ECONNREFUSED' })).toBe(true);
    expect(isHostDown({ code: 'EDNS' })).toBe(true);
    expect(isHostDown({ code: 'ESOCKET', originalCode: 'ECONNRESET' })).toBe(false);
    expect(isHostDown({ code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' })).toBe(false);
    expect(isHostDown({ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 })).toBe(false);
  });
});
