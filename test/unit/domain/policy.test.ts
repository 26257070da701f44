import { describe, expect, it, test } from 'vitest';
import { isWithin, type Policy, parsePolicy, permits, rightTo } from '../../../src/domain/policy.ts';

const ACCOUNT = '100001';
const statement = (effect: string, action: unknown, resource: unknown = '*', more: object = {}) => ({
  Effect: effect,
  Action: action,
  Resource: resource,
  ...more,
});

function policy(...statements: object[]): Policy {
  const parsed = parsePolicy(JSON.stringify({ Version: '1', Statement: statements }));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

const may = (of: Policy, action: string) => permits(of, rightTo({ name: action }), ACCOUNT);
const mayManage = (of: Policy, action: string) => permits(of, rightTo({ name: action, service: 'otaru' }), ACCOUNT);

describe('a policy', () => {
  it('grants nothing by itself', () => {
    expect(may([], 'QueryOTAJob')).toBe(false);
    expect(may(policy(), 'QueryOTAJob')).toBe(false);
  });

  it('grants what an Allow names, in any letter case, and nothing else', () => {
    const one = policy(statement('Allow', 'iot:QueryOTAJob'));
    expect(may(one, 'QueryOTAJob')).toBe(true);
    expect(may(policy(statement('Allow', 'IOT:queryotajob')), 'QueryOTAJob')).toBe(true);
    expect(may(one, 'QueryOTAJobs')).toBe(false);
    expect(may(one, 'MyQueryOTAJob')).toBe(false);
    expect(may(one, 'QueryOTAFirmware')).toBe(false);
  });

  it('knows * for any text and ? for one character, everything else stands for itself', () => {
    const names = (pattern: string) => policy(statement('Allow', pattern));
    expect(may(names('*'), 'DeleteDevice')).toBe(true);
    expect(may(names('iot:*'), 'DeleteDevice')).toBe(true);
    expect(may(names('iot:*OTA*'), 'ListOTATaskByJob')).toBe(true);
    expect(may(names('iot:*OTA*'), 'DeleteDevice')).toBe(false);
    expect(may(names('iot:List???TaskByJob'), 'ListOTATaskByJob')).toBe(true);
    expect(may(names('iot:List??TaskByJob'), 'ListOTATaskByJob')).toBe(false);
    expect(may(names('iot:.*'), 'DeleteDevice')).toBe(false);
    expect(may(names('oss:*'), 'DeleteDevice')).toBe(false);
  });

  it('is read in no time whatever its patterns are', () => {
    const slow = `${'*?'.repeat(25)}#`;
    const start = performance.now();
    expect(may(policy(statement('Allow', slow), statement('Allow', '*', slow)), 'ListOTAUnfinishedTaskByDevice')).toBe(
      false,
    );
    expect(may(policy(statement('Allow', '*?'.repeat(20))), 'ListOTAUnfinishedTaskByDevice')).toBe(true);
    expect(may(policy(statement('Allow', 'i*t:**OTA*Task*By?evice')), 'ListOTAUnfinishedTaskByDevice')).toBe(true);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('reads as the system policy for reading does: BatchQueryDeviceDetail is not among it', () => {
    const reading = policy(statement('Allow', ['iot:Query*', 'iot:List*', 'iot:Get*', 'iot:BatchGet*', 'iot:Check*']));
    for (const action of ['QueryOTAJob', 'ListOTATaskByJob', 'GetDeviceStatus', 'BatchGetDeviceState']) {
      expect(may(reading, action), action).toBe(true);
    }
    for (const action of ['BatchQueryDeviceDetail', 'DeleteDevice', 'CreateOTAVerifyJob']) {
      expect(may(reading, action), action).toBe(false);
    }
  });

  it('lets a Deny win, whatever the order', () => {
    const allow = statement('Allow', 'iot:*');
    const deny = statement('Deny', ['iot:Delete*', 'iot:CreateProduct']);
    for (const both of [policy(allow, deny), policy(deny, allow)]) {
      expect(may(both, 'QueryOTAJob')).toBe(true);
      expect(may(both, 'DeleteDevice')).toBe(false);
      expect(may(both, 'CreateProduct')).toBe(false);
    }
  });

  it('applies to the resources that it names', () => {
    const on = (resource: unknown) => may(policy(statement('Allow', 'iot:*', resource)), 'QueryOTAJob');
    expect(on('acs:iot:*:*:*')).toBe(true);
    expect(on(['acs:oss:*', `acs:iot:*:${ACCOUNT}:*`])).toBe(true);
    expect(on('acs:oss:*')).toBe(false);
    expect(on('acs:iot:*:200002:*')).toBe(false);
  });

  // rights exist for whole operations only: what cannot be told apart must not be allowed, and stays denied
  it('does not allow an operation for one object, and denies it for all when it is denied for one', () => {
    const one = `acs:iot:*:${ACCOUNT}:product/a1b2c3d4e5f`;
    expect(may(policy(statement('Allow', 'iot:*', one)), 'QueryProduct')).toBe(false);
    const denied = policy(statement('Allow', 'iot:*'), statement('Deny', 'iot:Query*', one));
    expect(may(denied, 'QueryProduct')).toBe(false);
    expect(may(denied, 'CreateProduct')).toBe(true);
    const foreign = policy(statement('Allow', 'iot:*'), statement('Deny', '*', ['acs:oss:*', 'acs:iot:*:200002:*']));
    expect(may(foreign, 'QueryProduct')).toBe(true);
  });

  it('does not grant rights under a condition, which is not evaluated, but takes them away', () => {
    const condition = { Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } } };
    expect(may(policy(statement('Allow', 'iot:*', '*', condition)), 'QueryOTAJob')).toBe(false);
    const denied = policy(statement('Allow', 'iot:*'), statement('Deny', 'iot:Delete*', '*', condition));
    expect(may(denied, 'DeleteDevice')).toBe(false);
    expect(may(denied, 'QueryDevice')).toBe(true);
  });

  it('tells what manages an account from what updates devices', () => {
    const devices = policy(statement('Allow', 'iot:*'));
    expect(may(devices, 'QueryOTAJob')).toBe(true);
    expect(mayManage(devices, 'CreateAccessKey')).toBe(false);
    const account = policy(statement('Allow', 'otaru:*AccessKey'));
    expect(mayManage(account, 'CreateAccessKey')).toBe(true);
    expect(mayManage(account, 'CreateUser')).toBe(false);
    expect(may(account, 'QueryOTAJob')).toBe(false);
    expect(mayManage(policy(statement('Allow', '*')), 'CreateAccessKey')).toBe(true);
    const denied = policy(statement('Allow', '*'), statement('Deny', 'otaru:*'));
    expect([may(denied, 'QueryOTAJob'), mayManage(denied, 'CreateAccessKey')]).toEqual([true, false]);
  });

  it('applies to the resources of the service that the operation is of', () => {
    const on = (resource: string) => policy(statement('Allow', '*', resource));
    expect(mayManage(on('acs:otaru:*:*:*'), 'CreateAccessKey')).toBe(true);
    expect(mayManage(on('acs:iot:*:*:*'), 'CreateAccessKey')).toBe(false);
    expect(may(on('acs:otaru:*:*:*'), 'QueryOTAJob')).toBe(false);
    const denied = (resource: string) => policy(statement('Allow', '*'), statement('Deny', '*', resource));
    expect(mayManage(denied('acs:iot:*:*:*'), 'CreateAccessKey')).toBe(true);
    expect(mayManage(denied('acs:otaru:*:*:*'), 'CreateAccessKey')).toBe(false);
  });

  it('may hold its statement without a list around it', () => {
    const parsed = parsePolicy(JSON.stringify({ Version: '1', Statement: statement('Allow', 'iot:*') }));
    expect(may(parsed as Policy, 'QueryOTAJob')).toBe(true);
  });
});

describe('a policy is within another', () => {
  const policy = (...actions: string[]) => {
    const json = JSON.stringify({ Version: '1', Statement: actions.map((action) => statement('Allow', action)) });
    return parsePolicy(json) as Policy;
  };
  it.each([
    [['iot:Query*'], ['iot:*'], true],
    [['iot:*'], ['iot:Query*'], false],
    [['iot:*'], ['*'], true],
    [['*'], ['iot:*'], false],
    [['otaru:ListUsers'], ['iot:*'], false],
    [['iot:sub'], ['iot:Query*'], false],
    [[], [], true],
    // operations that a later version may bring
    [['iot:*', 'otaru:Some*'], ['iot:*', 'otaru:ListUsers'], false],
    [['iot:QueryOTAJobsOfTomorrow'], ['iot:QueryOTAJob'], false],
    [['iot:QueryOTAJob*'], ['iot:Query*'], true],
    [['iot:*', 'otaru:*'], ['*'], true],
    [['*'], ['iot:*', 'otaru:*'], true],
    [['*List*'], ['iot:*List*'], false],
  ])('%j in %j: %s', (narrow, wide, expected) => {
    expect(isWithin(policy(...narrow), policy(...wide), ACCOUNT)).toBe(expected);
  });

  it('counts what it denies', () => {
    const all = statement('Allow', 'iot:*');
    const but = { Version: '1', Statement: [all, statement('Deny', 'iot:DeleteProduct')] };
    const denied = parsePolicy(JSON.stringify(but)) as Policy;
    expect(isWithin(policy('iot:*'), denied, ACCOUNT)).toBe(false);
    expect(isWithin(denied, policy('iot:*'), ACCOUNT)).toBe(true);
    const pattern = { Version: '1', Statement: [all, statement('Deny', 'iot:DeleteProduct*')] };
    expect(isWithin(denied, parsePolicy(JSON.stringify(pattern)) as Policy, ACCOUNT)).toBe(false);
  });
});

const document = (entry: object) => JSON.stringify({ Version: '1', Statement: [entry] });

test.each([
  ['no JSON', '{', 'the policy is not JSON'],
  ['null', 'null', 'Version'],
  ['a text', '"1"', 'Version'],
  ['another version', '{"Version":"2","Statement":[]}', 'Version'],
  ['no statement', '{"Version":"1"}', 'statement 1: Effect'],
  ['a statement that is null', '{"Version":"1","Statement":[null]}', 'statement 1: Effect'],
  ['no effect', document({ Action: '*', Resource: '*' }), 'statement 1: Effect'],
  ['an effect in the wrong case', document(statement('allow', '*')), 'statement 1: Effect'],
  ['no action', document({ Effect: 'Allow', Resource: '*' }), 'statement 1: Action'],
  ['NotAction', document({ Effect: 'Allow', NotAction: 'iot:*', Resource: '*' }), 'statement 1: Action'],
  ['an empty list of actions', document(statement('Allow', [])), 'statement 1: Action'],
  ['an action that is a number', document(statement('Allow', [1])), 'statement 1: Action'],
  ['no resource', document({ Effect: 'Allow', Action: '*' }), 'statement 1: Resource'],
  ['an empty resource', document(statement('Allow', '*', '')), 'statement 1: Resource'],
])('a document with %s is refused with a sentence', (_, json, sentence) => {
  expect(parsePolicy(json)).toContain(sentence);
});
