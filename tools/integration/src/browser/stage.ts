// What the tests of one file play on: one browser, one application, and people who come and go.
import { demoPassword } from '@throughline-examples/golden-path';
import { onTestFinished } from 'vitest';
import { type Application, type ApplicationOptions, startApplication } from './application.js';
import { launchChromium } from './chromium.js';
import { createPerson, type Person } from './person.js';

export interface Stage extends AsyncDisposable {
  readonly application: Application;
  /**
   * Somebody with a fresh browser profile, until the test ends. The example knows `ada` and `grace`.
   *
   * @param whenOver of the test's own context, in a test that runs beside others
   */
  person(name: 'ada' | 'grace', whenOver?: typeof onTestFinished): Promise<Person>;
}

export async function setStage(options: ApplicationOptions = {}): Promise<Stage> {
  const [application, browser] = await Promise.all([startApplication(options), launchChromium()]);
  return {
    application,
    async person(name, whenOver = onTestFinished) {
      const person = await createPerson(browser, name, demoPassword, application.url);
      whenOver(() => person.context.close());
      return person;
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await application[Symbol.asyncDispose]();
    },
  };
}
