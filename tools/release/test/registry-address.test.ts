// Nothing leaves the machine that nobody meant to publish.
import { expect, test } from 'vitest';
import { checkedRegistry } from '../src/registry-address.js';

test.each(['http://127.0.0.1:4873', 'http://127.8.9.1/', 'http://localhost:4873/', 'http://[::1]:4873/npm'])(
  '%s is loopback',
  (address) => {
    expect(checkedRegistry(address, false)).toMatch(/\/$/);
  },
);

test.each([
  'https://registry.example/',
  'http://127.0.0.1.example/',
  'http://localhost.example/',
  'http://10.0.0.1/',
  'http://0.0.0.0:4873/',
  'https://127.0.0.1@registry.example/',
])('%s is refused', (address) => {
  expect(() => checkedRegistry(address, false)).toThrow(/--public|password/);
});

test('what is not loopback is accepted on the explicit word alone, and never with a password in it', () => {
  expect(() => checkedRegistry('https://registry.example', false)).toThrow('--public');
  expect(checkedRegistry('https://registry.example', true)).toBe('https://registry.example/');
  const refusal = () => checkedRegistry('https://ada:secret@registry.example/', true);
  expect(refusal).toThrow('npm login');
  expect(refusal).not.toThrow('secret');
});

test.each(['', 'registry.example', 'file:///tmp', 'ftp://127.0.0.1/'])('"%s" is no registry', (address) => {
  expect(() => checkedRegistry(address, true)).toThrow(/registry/);
});

test('no token goes to it unencrypted, and no address is repeated that may hold a password', () => {
  expect(() => checkedRegistry('http://registry.example', true)).toThrow('unencrypted');
  for (const address of ['ftp://ada:secret@registry.example/', 'https://ada:secret@[x]/']) {
    const refusal = () => checkedRegistry(address, true);
    expect(refusal).toThrow(/registry/);
    expect(refusal).not.toThrow('secret');
  }
});
