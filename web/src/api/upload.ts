import { callAction, Refusal, Unreachable } from './client.ts';

/** Share of the bytes that are sent, 0 to 1. */
export type Progress = (share: number) => void;

/**
 * Uploads a file of a package.
 * @returns the FirmwareUrl for CreateOTAFirmware
 * @throws Refusal, Unreachable, AbortError
 */
export async function uploadPackageFile(
  file: File,
  suffix: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const { Data: grant } = await callAction('GenerateOTAUploadURL', { FileSuffix: suffix }, signal);
  await sendForm({ ...grant, AccessKeyId: grant.OSSAccessKeyId }, file, progress, signal);
  return grant.FirmwareUrl;
}

/**
 * Uploads a list of device names.
 * @returns the DnListFileUrl for CreateOTAStaticUpgradeJob
 * @throws Refusal, Unreachable, AbortError
 */
export async function uploadDeviceList(file: Blob, progress: Progress, signal: AbortSignal): Promise<string> {
  const { Data: grant } = await callAction('GenerateDeviceNameListURL', {}, signal);
  await sendForm(grant, file, progress, signal);
  return grant.FileUrl;
}

interface Grant {
  readonly Key: string;
  readonly Policy: string;
  readonly AccessKeyId: string;
  readonly Signature: string;
}

/** The form goes to the server that sent this page, whatever host devices know it by. `fetch` tells no progress of a body. */
function sendForm(grant: Grant, file: Blob, progress: Progress, signal: AbortSignal): Promise<void> {
  const form = new FormData();
  form.set('key', grant.Key);
  form.set('policy', grant.Policy);
  form.set('OSSAccessKeyId', grant.AccessKeyId);
  form.set('signature', grant.Signature);
  form.set('success_action_status', '200');
  form.set('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener('abort', abort);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => (request.status === 200 ? resolve() : reject(refusalIn(request)));
    request.onerror = () => reject(new Unreachable(undefined));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener('abort', abort);
    request.open('POST', new URL('../', document.baseURI));
    request.send(form);
  });
}

/** Refusals of uploads are XML, as those of the vendor's object storage. */
function refusalIn({ status, responseText }: XMLHttpRequest): Refusal {
  const answer = new DOMParser().parseFromString(responseText, 'text/xml');
  const member = (name: string) => answer.querySelector(`Error > ${name}`)?.textContent ?? '';
  return new Refusal(status, member('Code'), member('Message') || `HTTP ${status}`, member('RequestId'));
}
