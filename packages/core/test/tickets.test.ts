import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Tickets } from '../src/tickets.js';

const ada = { user_id: 'ada' };

test('S9 a ticket is worth one use, and looking at it costs nothing', () => {
  const tickets = new Tickets(() => 0, 30_000);
  const { ticket, expires_in_ms } = tickets.issue(ada, { id: '', revoked: false });
  expect(ticket).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(expires_in_ms).toBe(30_000);
  expect([tickets.peek(ticket), tickets.peek(ticket)]).toEqual([ada, ada]);
  expect([tickets.consume(ticket), tickets.consume(ticket), tickets.peek(ticket)]).toEqual([ada, undefined, undefined]);
});

test('a ticket ends by itself, and with the sign-in it comes from', () => {
  let now = 0;
  const tickets = new Tickets(() => now, 30_000);
  const grant = { id: '', revoked: false };
  const [late, void_] = [tickets.issue(ada, { id: '', revoked: false }), tickets.issue(ada, grant)];
  now = 29_999;
  expect(tickets.peek(late.ticket)).toBe(ada);
  grant.revoked = true;
  expect(tickets.consume(void_.ticket)).toBeUndefined();
  now = 30_000;
  expect(tickets.consume(late.ticket)).toBeUndefined();
});

test('S9: those of a user are void when that user is revoked, and those of a sign-in with it, whoever held them', () => {
  const tickets = new Tickets(() => 0, 30_000);
  const issue = (user_id: string, grant_id: string, tenant_id?: string) =>
    tickets.issue({ user_id, grant_id, ...(tenant_id && { tenant_id }) }, { id: grant_id, revoked: false }).ticket;
  const [laptop, phone, grace, elsewhere] = [
    issue('ada', 'laptop'),
    issue('ada', 'phone'),
    issue('grace', 'laptop'),
    issue('ada', 'laptop', 'acme'),
  ];
  const key = { tenant_id: 'default', user_id: 'ada' };
  tickets.revoke(key, { id: 'laptop', revoked: true });
  expect([laptop, phone, grace, elsewhere].map((ticket) => tickets.peek(ticket) !== undefined)).toEqual([
    false,
    true,
    true,
    true,
  ]);
  tickets.revoke(key);
  expect([phone, grace, elsewhere].map((ticket) => tickets.peek(ticket) !== undefined)).toEqual([false, true, true]);
});

test('what is held cannot be used: tickets are hashed', () => {
  const tickets = new Tickets(() => 0, 30_000);
  const { ticket } = tickets.issue(ada, { id: '', revoked: false });
  expect(inspect(tickets, { depth: 9, showHidden: true })).not.toContain(ticket);
});

test('tickets nobody uses do not pile up', () => {
  let now = 0;
  const tickets = new Tickets(() => now, 1_000);
  const { ticket } = tickets.issue(ada, { id: '', revoked: false });
  for (let more = 0; more < 100_000; more++) tickets.issue(ada, { id: '', revoked: false });
  expect(tickets.peek(ticket)).toBeUndefined();
  now = 1_000;
  expect(tickets.consume(tickets.issue(ada, { id: '', revoked: false }).ticket)).toBe(ada);
});
