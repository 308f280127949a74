import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCredentials, subprotocolsOf } from '../src/credentials.js';

const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('R7: a credential is looked for in these places, in this order', () => {
  const all = {
    authorization: 'Bearer from-header',
    'sec-websocket-protocol': 'throughline.v1, bearer.from-protocol',
    cookie: 'session=from-cookie',
  };

  test('the header, which the page chose', () => {
    expect(findCredentials(all, 'session')[0]).toEqual({ token: 'from-header', carrier: 'authorization' });
  });

  test('a subprotocol, which the page chose', () => {
    const { authorization: _, ...rest } = all;
    expect(findCredentials(rest, 'session')[0]).toEqual({ token: 'from-protocol', carrier: 'subprotocol' });
  });

  test('a ticket, which the page chose when it could choose nothing else', () => {
    const carriers = findCredentials(all, 'session', 'from-query').map(({ carrier }) => carrier);
    expect(carriers).toEqual(['authorization', 'subprotocol', 'ticket', 'cookie']);
  });

  test('a cookie, which the browser adds, if the service names one', () => {
    expect(findCredentials({ cookie: all.cookie }, 'session')[0]).toEqual({ token: 'from-cookie', carrier: 'cookie' });
    expect(findCredentials({ cookie: all.cookie }, undefined)).toEqual([]);
    expect(findCredentials({ cookie: all.cookie }, 'other')).toEqual([]);
  });

  test('or nowhere', () => {
    expect(findCredentials({}, 'session')).toEqual([]);
    expect(findCredentials({ 'sec-websocket-protocol': 'throughline.v1' }, 'session')).toEqual([]);
  });
});

describe('the header', () => {
  test.each(['Bearer t0k.en', 'bearer t0k.en', 'BEARER   t0k.en  '])('%j holds a token', (authorization) => {
    expect(findCredentials({ authorization }, undefined)[0]?.token).toBe('t0k.en');
  });

  test.each(['Basic dXNlcg==', 'Bearer', 'Bearer ', 'Bearer a b', 'Bearert0k.en', 'Bearer tökén'])(
    '%j holds none',
    (authorization) => {
      expect(findCredentials({ authorization }, undefined)).toEqual([]);
    },
  );
});

describe('a subprotocol', () => {
  const find = (protocol: string) => findCredentials({ 'sec-websocket-protocol': protocol }, undefined)[0]?.token;

  test.each([
    ['throughline.v1,bearer.abc', 'abc'],
    ['bearer.abc, throughline.v1', 'abc'],
    ['throughline.v1, bearer.e.y.J', 'e.y.J'],
    ['throughline.v1, bearer., bearer.second', 'second'],
    [`throughline.v1, bearer64.${base64url('any token / at all =')}`, 'any token / at all ='],
  ])('%j holds a token', (protocol, token) => {
    expect(find(protocol)).toBe(token);
  });

  test.each(['throughline.v1, bearer.', 'bearer64.', 'bearer64.a+b', 'bearer64.a=', 'Bearer.abc', 'xbearer.abc'])(
    '%j holds none',
    (protocol) => {
      expect(find(protocol)).toBeUndefined();
    },
  );

  test('carries any token in base64url', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (token) => {
        expect(find(`throughline.v1, bearer64.${base64url(token)}`)).toBe(Buffer.from(token).toString());
      }),
    );
  });

  test('is one of a list, with or without spaces', () => {
    expect(subprotocolsOf({ 'sec-websocket-protocol': 'a,b , c' })).toEqual(['a', 'b', 'c']);
  });
});

describe('a cookie', () => {
  const find = (cookie: string) => findCredentials({ cookie }, 'session')[0]?.token;

  test.each([
    ['session=abc', 'abc'],
    ['a=b; session=abc; c=d', 'abc'],
    ['session=a=b==', 'a=b=='],
    ['session="abc"', 'abc'],
    ['xsession=no; session=abc', 'abc'],
    ['session=first; session=second', 'first'],
  ])('is found in %j', (cookie, token) => {
    expect(find(cookie)).toBe(token);
  });

  test.each(['', 'session', 'session=', 'sessionx=abc', 'Session=abc', 'a=session'])('is not in %j', (cookie) => {
    expect(find(cookie)).toBeUndefined();
  });
});
