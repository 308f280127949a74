/** Why a tool could not do what was asked; the code is for programs, the message for the person who asked. */
export interface ToolError extends Error {
  readonly code: string;
}

export function toolError(code: string, message: string): ToolError {
  return Object.assign(new Error(message), { name: 'ToolError', code });
}

export function isToolError(error: unknown): error is ToolError {
  return error instanceof Error && error.name === 'ToolError' && 'code' in error && typeof error.code === 'string';
}
