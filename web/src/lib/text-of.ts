/** A text file as people save it: UTF-8, or what Excel writes in Chinese unless it is told otherwise. @throws when it cannot be read */
export async function textOf(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}
