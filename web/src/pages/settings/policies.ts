/** Policies that are ready to be given to a user. `otaru:…`, which manages users, keys and webhooks, is in none of them. */
const READS = ['iot:Query*', 'iot:List*', 'iot:Get*', 'iot:BatchQuery*', 'iot:BatchGet*', 'iot:Preview*'];

const readyPolicies = {
  read: READS,
  rollOut: [...READS, 'iot:*OTA*', 'iot:GenerateDeviceNameListURL', 'iot:BatchCheckDeviceNames'],
  all: ['iot:*'],
} as const;

export type ReadyPolicy = keyof typeof readyPolicies;
export type PolicyKind = ReadyPolicy | 'none' | 'own';

/** The document of a ready-made policy, as a person reads it. */
export const policyText = (name: ReadyPolicy): string =>
  JSON.stringify(
    { Version: '1', Statement: [{ Effect: 'Allow', Action: readyPolicies[name], Resource: '*' }] },
    undefined,
    2,
  );

/** Which of the ready-made ones a document is, however it is spaced. */
export function kindOfPolicy(text: string): PolicyKind {
  if (text.trim() === '') return 'none';
  const plain = spaceless(text);
  return (Object.keys(readyPolicies) as ReadyPolicy[]).find((name) => spaceless(policyText(name)) === plain) ?? 'own';
}

/** Whether it is JSON at all; the server says what else is wrong. */
export const isJson = (text: string): boolean => spaceless(text) !== undefined;

function spaceless(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
