import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocuments } from './documents.js';

const root = join(import.meta.dirname, '../../..');
for (const { path, text } of generatedDocuments(root)) writeFileSync(join(root, path), text);
