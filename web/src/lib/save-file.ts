/** Hands a file that the page made to the browser's downloads. */
export function saveFile(name: string, type: string, parts: readonly BlobPart[]): void {
  const address = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the download holds the data once it has begun
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export const saveCsv = (name: string, parts: readonly string[]): void =>
  saveFile(name, 'text/csv;charset=utf-8', parts);
