import { type HttpCall, type HttpReply, json } from '../http-server.ts';
import { installmentsOf, type Position, PositionRefused } from './position.ts';
import { answer, statusV3, type Version } from './position-answers.ts';

const DAY_MS = 86_400_000;
const MAX_LIMIT = 50;

/** Pages from 0; a missing end of a range of due dates is 30 days from the other. */
export function listPositions({ query }: HttpCall, all: readonly Position[], version: Version): HttpReply {
  const page = Number(query.get('page') ?? 0);
  const limit = Number(query.get('limit') ?? 10);
  if (!Number.isInteger(page) || page < 0 || !Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new PositionRefused(400, 'page from 0, limit 1-50');
  }
  const status = query.get('status');
  const given = (name: string): number => Date.parse(query.get(name) ?? '');
  const [from, to] = [given('due_date_from'), given('due_date_to')];
  const first = Number.isNaN(from) ? to - 30 * DAY_MS : from;
  const last = (Number.isNaN(to) ? from + 30 * DAY_MS : to) + DAY_MS;
  const found = all
    .filter((one) => status === null || (version === 3 ? statusV3(one) : one.status) === status)
    .filter((one) => Number.isNaN(first) || installmentsOf(one).some(({ dueAt }) => dueAt >= first && dueAt < last))
    .sort((a, b) => b.insertedAt - a.insertedAt || (a.iupd < b.iupd ? -1 : 1));
  const pages = Math.ceil(found.length / limit);
  return json(200, {
    payment_position_list: found.slice(page * limit, (page + 1) * limit).map((one) => answer(one, version)),
    page_info: { page, limit, items_found: found.length, total_pages: pages },
  });
}
