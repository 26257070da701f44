/** Hands comma-separated values that the page put together to the browser's downloads. */
export function saveCsv(name: string, parts: readonly BlobPart[]): void {
  const address = URL.createObjectURL(new Blob([...parts], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // the download holds the data once it has begun
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
