import { describe, expect, test } from 'vitest';
import { checkPlanted, told } from '../syntax/planted.js';
import { programs } from './programs.js';
import { services } from './services.js';

describe('projects that nothing is wrong with (S5)', () => {
  test.each([...services, ...programs])('$name', async (project) => {
    const verdict = await checkPlanted(project);
    expect(told(verdict)).toEqual([]);
    expect(verdict.imports).toBeGreaterThan(0);
  });
});
