import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nudge } from '../../../src/store/engine.ts';
import { coalesce, createBell, decodeNudge, encodeNudges } from '../../../src/store/nudges.ts';

const id = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/);
const ids = fc.array(id, { maxLength: 1200 });
const change = fc.record({
  gatewayId: id,
  change: fc.constantFrom('removed' as const, 'deleted' as const, 'disabled' as const, 'enabled' as const),
  productKey: fc.stringMatching(/^[A-Za-z0-9]{11}$/),
  deviceName: fc.stringMatching(/^[A-Za-z0-9_@.:-]{4,32}$/),
});
const nudge: fc.Arbitrary<Nudge> = fc.oneof(
  ids.map((deviceIds): Nudge => ({ kind: 'push', deviceIds })),
  ids.map((deviceIds): Nudge => ({ kind: 'kick', deviceIds })),
  id.map((jobId): Nudge => ({ kind: 'job', jobId })),
  fc.array(change, { maxLength: 300 }).map((changes): Nudge => ({ kind: 'topology', changes })),
  ids.map((consumers): Nudge => ({ kind: 'event', consumers })),
  fc
    .array(fc.record({ deviceId: id, connectionId: id }), { maxLength: 600 })
    .map((connections): Nudge => ({ kind: 'replaced', connections })),
  id.map((nodeId): Nudge => ({ kind: 'lapsed', nodeId })),
);

/** Everything that a list of nudges says, once. */
function facts(nudges: readonly Nudge[]): string[] {
  const said = nudges.flatMap((one) => {
    if (one.kind === 'job') return [`job ${one.jobId}`];
    if (one.kind === 'topology') return one.changes.map((each) => `topology ${JSON.stringify(each)}`);
    if (one.kind === 'replaced') return one.connections.map((each) => `replaced ${JSON.stringify(each)}`);
    if (one.kind === 'lapsed') return [`lapsed ${one.nodeId}`];
    const ids = one.kind === 'event' ? one.consumers : one.deviceIds;
    return ids.map((named) => `${one.kind} ${named}`);
  });
  return [...new Set(said)].sort();
}

describe('nudges', () => {
  it('say the same after merging, in fewer words', () => {
    fc.assert(
      fc.property(fc.array(nudge, { maxLength: 6 }), (nudges) => {
        const merged = coalesce(nudges);
        expect(facts(merged)).toEqual(facts(nudges));
        expect(merged.length).toBeLessThanOrEqual(nudges.length);
      }),
      { numRuns: 30 },
    );
  });

  it('travel in payloads of less than 8,000 bytes', () => {
    fc.assert(
      fc.property(fc.array(nudge, { maxLength: 3 }), (nudges) => {
        const payloads = encodeNudges('sender', nudges);
        for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8000);
        const arrived = payloads.map((payload) => decodeNudge('another', payload));
        expect(arrived).not.toContain(undefined);
        expect(facts(arrived as Nudge[])).toEqual(facts(nudges));
      }),
      { numRuns: 30 },
    );
  });

  it('of this process are known as such', () => {
    const [payload = ''] = encodeNudges('me', [{ kind: 'job', jobId: 'j' }]);
    expect(decodeNudge('me', payload)).toBeUndefined();
    expect(decodeNudge('you', payload)).toEqual({ kind: 'job', jobId: 'j' });
  });

  it.each(['', '{', '{}', '[]', '[1]', '["x"]', '["x","job"]', '["x","what","y"]', '["x","push",1]'])(
    'that make no sense are dropped: %s',
    (payload) => {
      expect(decodeNudge('me', payload)).toBeUndefined();
    },
  );

  it('reach every listener even if one of them fails', () => {
    const faults: string[] = [];
    const heard: Nudge[] = [];
    const bell = createBell((what) => faults.push(what));
    bell.listen(() => {
      throw new Error('no');
    });
    bell.listen((one) => heard.push(one));
    bell.ring([{ kind: 'job', jobId: 'j' }]);
    expect(heard).toEqual([{ kind: 'job', jobId: 'j' }]);
    expect(faults).toEqual(['a listener for nudges failed']);
  });
});
