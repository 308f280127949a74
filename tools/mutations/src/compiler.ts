// Asks the compiler about one file: a bug that does not compile would never have come so far.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** Keeps what it has read, so that the second question costs a tenth of the first. */
export interface Compiler {
  /** What is wrong with a file, named from the root, as it is now. What is left unused is not. */
  faultsOf(file: string): readonly string[];
}

/** What is declared and not used: whoever had made the bug would have taken it out too. */
const unused = [6133, 6138, 6192, 6196, 6198, 6199];

/** @param folder the root */
export function createCompiler(folder: string): Compiler {
  const services = new Map<string, ts.LanguageService>();
  return {
    faultsOf(file) {
      const path = join(folder, file);
      const config = ts.findConfigFile(dirname(path), ts.sys.fileExists);
      if (config === undefined) throw new Error(`${file} is compiled by no tsconfig.json.`);
      const service = services.get(config) ?? openService(config);
      services.set(config, service);
      return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)]
        .filter(({ code }) => !unused.includes(code))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
    },
  };
}

function openService(config: string): ts.LanguageService {
  const json: unknown = ts.readConfigFile(config, ts.sys.readFile).config;
  const { fileNames, options } = ts.parseJsonConfigFileContent(json, ts.sys, dirname(config));
  return ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => fileNames,
    getScriptVersion: (file) => {
      const { mtimeMs, size } = statSync(file);
      return `${mtimeMs} ${size}`;
    },
    getScriptSnapshot: (file) => {
      const text = ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => dirname(config),
    getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: ts.sys.realpath as (path: string) => string,
  });
}
