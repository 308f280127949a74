// Runs before the first paint, so that a dark page does not flash white. A file of its own: the page allows no inline script.
import { applyTheme, chosenTheme } from './theme-choice.js';

applyTheme(chosenTheme());
