import { describe, expect, it } from 'vitest';
import { openBlobStore, readS3Url } from '../../../src/blob/open-blob-store.ts';

describe('the setting that names an S3 store', () => {
  it.each([
    [
      's3://packages?endpoint=http%3A%2F%2Fminio%3A9000&region=eu&forcePathStyle=true',
      { bucketUrl: 'http://minio:9000/packages', region: 'eu' },
    ],
    [
      's3://packages?endpoint=http://minio:9000/base/&forcePathStyle=true',
      { bucketUrl: 'http://minio:9000/base/packages', region: 'us-east-1' },
    ],
    [
      's3://packages?endpoint=https://s3.oss-cn-shanghai.aliyuncs.com&region=cn-shanghai',
      { bucketUrl: 'https://packages.s3.oss-cn-shanghai.aliyuncs.com', region: 'cn-shanghai' },
    ],
    [
      's3://my.packages/?region=eu-central-1&forcePathStyle=false',
      { bucketUrl: 'https://my.packages.s3.eu-central-1.amazonaws.com', region: 'eu-central-1' },
    ],
  ])('%s', (url, place) => {
    expect(readS3Url(url)).toEqual(place);
  });

  it.each([
    ['ftp://x', 'must begin with file: or s3://bucket'],
    ['s3://', 'must begin with file: or s3://bucket'],
    ['s3:packages', 'must begin with file: or s3://bucket'],
    ['s3://packages/folder', 'no folder in it'],
    ['s3://packages?forcepathstyle=true', 'forcepathstyle is not one of'],
    ['s3://packages?forcePathStyle=yes', 'must be true or false'],
    ['s3://packages?endpoint=minio:9000', 'must be an http or https URL'],
  ])('%s is refused with a reason', (url, reason) => {
    expect(() => readS3Url(url)).toThrow(reason);
  });

  it('needs credentials', async () => {
    await expect(openBlobStore('s3://packages')).rejects.toThrow('needs an access key id and a secret');
  });
});
