import { afterEach, expect, test, vi } from 'vitest';
import { watchPage } from '../src/page.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

function openPage() {
  const page = new EventTarget();
  const document = { hidden: false };
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('document', document);
  const signs: (boolean | undefined)[] = [];
  const stop = watchPage((byPerson) => signs.push(byPerson));
  return { document, signs, stop, happen: (type: string) => page.dispatchEvent(new Event(type)) };
}

test('focus and click are acts of a person, the network is not', () => {
  const { happen, signs } = openPage();
  happen('focus');
  happen('click');
  expect(signs).toEqual([true, true]);
  happen('online');
  expect(signs).toEqual([true, true, false]);
});

test('that the network went away is a doubt, and no sign of life', () => {
  const { happen, signs } = openPage();
  happen('offline');
  expect(signs).toEqual([undefined]);
});

test('becoming visible is both, becoming hidden neither', () => {
  const { document, happen, signs } = openPage();
  document.hidden = true;
  happen('visibilitychange');
  expect(signs).toEqual([]);
  document.hidden = false;
  happen('visibilitychange');
  expect(signs).toEqual([false, true]);
});

test('nothing is heard afterwards', () => {
  const { happen, signs, stop } = openPage();
  stop();
  for (const type of ['focus', 'click', 'online', 'offline', 'visibilitychange']) happen(type);
  expect(signs).toEqual([]);
});

test('where there is no page there are no signs', () => {
  expect(globalThis.addEventListener).toBeUndefined();
  expect(() => watchPage(() => {})()).not.toThrow();
});
