// What the people of the soak ask, and the one answer that is right: both processes work it out for themselves.

/** What a message asks for. Plain JSON: it is the message's `data`. */
export interface Question {
  /** Pieces of the answer. */
  readonly pieces: number;
  /** Characters of a piece, at least. */
  readonly size: number;
  /** Milliseconds between two pieces. */
  readonly everyMs: number;
}

export const questions = {
  short: { pieces: 20, size: 8, everyMs: 10 },
  usual: { pieces: 60, size: 8, everyMs: 25 },
  // Several times the ack window: a reader that stands still makes its cursor stand still.
  long: { pieces: 100, size: 6_000, everyMs: 10 },
} as const satisfies Readonly<Record<string, Question>>;

/** One piece of the answer to a message. No two pieces of one answer are alike. */
export function pieceOf(message_id: string, { size }: Question, number: number): string {
  return `${message_id}/${number} `.padEnd(size, '.');
}

/** The whole answer to a message. */
export function answerTo(message_id: string, question: Question): string {
  return Array.from({ length: question.pieces }, (_, number) => pieceOf(message_id, question, number)).join('');
}
