import { Link } from 'wouter';
import { useMay } from '../../app/session.tsx';

interface ProductLinkProps {
  readonly productKey: string;
  readonly name: string | undefined;
}

/** The name of a product; it leads those to its page who may see that. */
export function ProductLink({ productKey, name }: ProductLinkProps) {
  const may = useMay();
  const shown = name || productKey;
  return may('QueryProduct') ? <Link href={`/products/${productKey}`}>{shown}</Link> : shown;
}
