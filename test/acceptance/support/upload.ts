/** Uploads by the form of GenerateOTAUploadURL, in the order of the vendor's sample (storage-and-events 1.3). */
export async function uploadForm(
  grant: { host?: string; key?: string; policy?: string; OSSAccessKeyId?: string; signature?: string },
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const form = new FormData();
  form.set('key', grant.key ?? '');
  form.set('policy', grant.policy ?? '');
  form.set('OSSAccessKeyId', grant.OSSAccessKeyId ?? '');
  form.set('signature', grant.signature ?? '');
  form.set('success_action_status', '200');
  form.set('file', new Blob([bytes]), 'firmware.bin');
  return fetch(grant.host ?? '', { method: 'POST', body: form });
}
