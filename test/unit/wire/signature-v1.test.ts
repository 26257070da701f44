import { describe, expect, it } from 'vitest';
import { canonicalQuery, type Pair, parsePairs } from '../../../src/wire/percent.ts';
import { signV1, stringToSignV1 } from '../../../src/wire/signature-v1.ts';

const SECRET = 'ExampleSecret0001ABCDEFGHIJKL';

const common = (nonce: string): Pair[] => [
  ['SignatureVersion', '1.0'],
  ['SignatureMethod', 'HMAC-SHA1'],
  ['SignatureNonce', `5f0c9c2e-0001-4b7a-9d0e-${nonce}`],
  ['Timestamp', '2024-05-06T07:08:09Z'],
  ['Version', '2018-01-20'],
];

describe('signature V1', () => {
  it('signs the example that the vendor published', () => {
    const pairs: Pair[] = [
      ['Timestamp', '2016-02-23T12:46:24Z'],
      ['Format', 'XML'],
      ['AccessKeyId', 'testid'],
      ['Action', 'DescribeRegions'],
      ['SignatureMethod', 'HMAC-SHA1'],
      ['SignatureNonce', '3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf'],
      ['Version', '2014-05-26'],
      ['SignatureVersion', '1.0'],
    ];
    const stringToSign = stringToSignV1('GET', pairs);
    expect(stringToSign).toBe(
      'GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26',
    );
    expect(signV1('testsecret', stringToSign)).toBe('OLeaidS1JvxuMvnyHOwuJ+uX5qY=');
  });

  it('signs awkward characters (A)', () => {
    const pairs: Pair[] = [
      ...common('000000000001'),
      ['AccessKeyId', 'LTAI5tExampleKeyId0001'],
      ['Action', 'RegisterDevice'],
      ['DeviceName', 'dev-1:a@b.c'],
      ['Nickname', "灯 A+b*c~d(e)!'f"],
      ['Format', 'JSON'],
      ['ProductKey', 'a1TestKey01'],
      ['RegionId', 'cn-shanghai'],
    ];
    expect(canonicalQuery(pairs)).toBe(
      'AccessKeyId=LTAI5tExampleKeyId0001&Action=RegisterDevice&DeviceName=dev-1%3Aa%40b.c&Format=JSON&Nickname=%E7%81%AF%20A%2Bb%2Ac~d%28e%29%21%27f&ProductKey=a1TestKey01&RegionId=cn-shanghai&SignatureMethod=HMAC-SHA1&SignatureNonce=5f0c9c2e-0001-4b7a-9d0e-000000000001&SignatureVersion=1.0&Timestamp=2024-05-06T07%3A08%3A09Z&Version=2018-01-20',
    );
    const stringToSign = stringToSignV1('GET', pairs);
    expect(stringToSign).toBe(
      'GET&%2F&AccessKeyId%3DLTAI5tExampleKeyId0001%26Action%3DRegisterDevice%26DeviceName%3Ddev-1%253Aa%2540b.c%26Format%3DJSON%26Nickname%3D%25E7%2581%25AF%2520A%252Bb%252Ac~d%2528e%2529%2521%2527f%26ProductKey%3Da1TestKey01%26RegionId%3Dcn-shanghai%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D5f0c9c2e-0001-4b7a-9d0e-000000000001%26SignatureVersion%3D1.0%26Timestamp%3D2024-05-06T07%253A08%253A09Z%26Version%3D2018-01-20',
    );
    expect(signV1(SECRET, stringToSign)).toBe('+MCGGJsix2M1kVrwRo1yi9iW/LU=');
  });

  it('signs a list of ten in byte order (B)', () => {
    const names = Array.from({ length: 10 }, (_, i): Pair => [`DeviceName.${i + 1}`, `d${i + 1}`]);
    const pairs: Pair[] = [
      ...names,
      ...common('000000000002'),
      ['AccessKeyId', 'LTAI5tExampleKeyId0001'],
      ['Action', 'BatchQueryDeviceDetail'],
      ['Format', 'JSON'],
      ['ProductKey', 'a1TestKey01'],
      ['RegionId', 'cn-shanghai'],
    ];
    expect(canonicalQuery(pairs)).toBe(
      'AccessKeyId=LTAI5tExampleKeyId0001&Action=BatchQueryDeviceDetail&DeviceName.1=d1&DeviceName.10=d10&DeviceName.2=d2&DeviceName.3=d3&DeviceName.4=d4&DeviceName.5=d5&DeviceName.6=d6&DeviceName.7=d7&DeviceName.8=d8&DeviceName.9=d9&Format=JSON&ProductKey=a1TestKey01&RegionId=cn-shanghai&SignatureMethod=HMAC-SHA1&SignatureNonce=5f0c9c2e-0001-4b7a-9d0e-000000000002&SignatureVersion=1.0&Timestamp=2024-05-06T07%3A08%3A09Z&Version=2018-01-20',
    );
    expect(signV1(SECRET, stringToSignV1('POST', pairs))).toBe('6vlPVLMlLtC2GENgVd1UTSNVxDI=');
  });

  it('signs empty parameters too (C)', () => {
    const pairs: Pair[] = [
      ...common('000000000006'),
      ['AccessKeyId', 'STS.ExampleTempKey0001'],
      ['Action', 'QueryOTAJob'],
      ['Format', 'json'],
      ['JobId', 'job-0001'],
      ['SecurityToken', 'CAIS/token+with=='],
    ];
    const withType: Pair[] = [...pairs, ['SignatureType', '']];
    expect(canonicalQuery(withType)).toBe(
      'AccessKeyId=STS.ExampleTempKey0001&Action=QueryOTAJob&Format=json&JobId=job-0001&SecurityToken=CAIS%2Ftoken%2Bwith%3D%3D&SignatureMethod=HMAC-SHA1&SignatureNonce=5f0c9c2e-0001-4b7a-9d0e-000000000006&SignatureType=&SignatureVersion=1.0&Timestamp=2024-05-06T07%3A08%3A09Z&Version=2018-01-20',
    );
    expect(signV1(SECRET, stringToSignV1('POST', withType))).toBe('WHuVcEz2nCv/pLvNs13g5FyhdX4=');
    expect(signV1(SECRET, stringToSignV1('POST', pairs))).toBe('H/gBtjLEPmqZUcxHf5Mz7r3lVH4=');
  });

  it('signs what was meant, not what was on the wire: a raw * counts as %2A (openapi-ota 1.4)', () => {
    const query =
      'Signature=ignored&AccessKeyId=AKID-EXAMPLE&Action=QueryOTAJob&Format=JSON&JobId=job+1*~&SignatureMethod=HMAC-SHA1&SignatureNonce=n1&SignatureVersion=1.0&Timestamp=2024-01-01T00:00:00Z&Version=2018-01-20';
    const stringToSign = stringToSignV1('GET', parsePairs(query));
    expect(stringToSign).toBe(
      'GET&%2F&AccessKeyId%3DAKID-EXAMPLE%26Action%3DQueryOTAJob%26Format%3DJSON%26JobId%3Djob%25201%252A~%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dn1%26SignatureVersion%3D1.0%26Timestamp%3D2024-01-01T00%253A00%253A00Z%26Version%3D2018-01-20',
    );
    expect(signV1('SECRET-EXAMPLE', stringToSign)).toBe('xP8lLAIuz4eEhcX4FL8iSVEXd6o=');
  });
});
