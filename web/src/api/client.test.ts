import { afterEach, describe, expect, it, vi } from 'vitest';
import { callAction, onSignedOut, Refusal, Unreachable } from './client.ts';

const answer = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });

/** Answers one call after the other so. */
function server(...answers: readonly (() => Response | Promise<Response>)[]) {
  const fetched = vi.fn<typeof fetch>();
  for (const each of answers) fetched.mockImplementationOnce(async () => each());
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

const throttled = (code: string) => () =>
  answer(400, { Code: code, Message: 'later', RequestId: 'r' }, { 'x-acs-retry-after': '5' });
const done = () => answer(200, { Success: true, RequestId: 'r' });
const call = (signal?: AbortSignal) => callAction('QueryOTAOverview', {}, signal);

afterEach(() => vi.unstubAllGlobals());

describe('a call', () => {
  it('is repeated when the account called too often, a few times', async () => {
    const once = server(throttled('Throttling.User'), done);
    await expect(call()).resolves.toMatchObject({ RequestId: 'r' });
    expect(once).toHaveBeenCalledTimes(2);
    const always = server(...Array.from({ length: 9 }, () => throttled('Throttling.User')));
    await expect(call()).rejects.toMatchObject({ code: 'Throttling.User' });
    expect(always).toHaveBeenCalledTimes(4);
  });

  it('is not repeated when attempts to sign in are counted', async () => {
    const fetched = server(throttled('Throttling.SignIn'), done);
    await expect(call()).rejects.toMatchObject({ code: 'Throttling.SignIn' });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it('that is given up while it waits is not repeated', async () => {
    const fetched = server(throttled('Throttling.User'), done);
    const stop = new AbortController();
    const calling = call(stop.signal);
    stop.abort();
    await expect(calling).rejects.toThrow(/aborted/);
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it('whose good answer breaks off was not answered', async () => {
    server(() => answer(200, '{"Data":'));
    await expect(call()).rejects.toBeInstanceOf(Unreachable);
  });

  it('that something before the server answered is refused with its status', async () => {
    server(() => answer(502, '<html>'));
    const refusal = await call().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status: 502, code: '', message: 'HTTP 502' });
  });

  it('tells that the session is over', async () => {
    const told = vi.fn();
    const stop = onSignedOut(told);
    server(() => answer(401, { Code: 'NotSignedIn', Message: 'no', RequestId: 'r' }));
    await expect(call()).rejects.toMatchObject({ status: 401 });
    expect(told).toHaveBeenCalledTimes(1);
    stop();
  });
});
