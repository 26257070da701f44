import { useState } from 'react';

/** What is being typed into a field: it begins with `value`, and begins anew when that becomes another. */
export function useEdited<V>(value: V): [V, (edited: V) => void] {
  const [begun, setBegun] = useState(value);
  const [edited, setEdited] = useState(value);
  if (begun === value) return [edited, setEdited];
  setBegun(value);
  setEdited(value);
  return [value, setEdited];
}
