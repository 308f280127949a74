// How the peers learn who comes: a bearer token, verified with jose where the scenario is about that.

export const issuer = 'https://id.example';
export const audience = 'bench';

/** From a token to a user; `undefined` refuses it. */
export type Authenticate = (token: string | undefined) => Promise<string | undefined>;

export async function authentication(publicKey?: string): Promise<Authenticate> {
  if (publicKey === undefined) return (token) => Promise.resolve(token);
  const { importSPKI, jwtVerify } = await import('jose');
  const key = await importSPKI(publicKey, 'ES256');
  return async (token) => {
    if (token === undefined) return undefined;
    try {
      const { payload } = await jwtVerify(token, key, { issuer, audience, algorithms: ['ES256'] });
      return payload.sub;
    } catch {
      return undefined;
    }
  };
}

/** The token of an `Authorization` header. */
export function bearerOf(header: string | undefined): string | undefined {
  return header?.startsWith('Bearer ') === true ? header.slice('Bearer '.length) : undefined;
}
