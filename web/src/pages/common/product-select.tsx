import { useProducts } from '../../api/products.ts';
import { useTexts } from '../../i18n/language.tsx';
import { texts } from '../../i18n/texts.ts';
import { SelectField } from '../../ui/field.tsx';

const productTexts = texts({
  en: { product: 'Product', all: 'All products', instance: 'The instance as a whole', choose: 'Choose a product' },
  zh: { product: '产品', all: '全部产品', instance: '整个实例', choose: '请选择产品' },
});

interface ProductSelectProps {
  /** Key of the product; empty for none. */
  readonly value: string;
  readonly onChange: (productKey: string) => void;
  /** What an empty choice means: every product, what stands above them, or that one has yet to be chosen. Without it there is no such choice. */
  readonly none?: 'all' | 'instance' | 'choose';
  /** Said once the form is to be sent. */
  readonly wrong?: string | undefined;
}

/** Products by name, newest first. */
export function ProductSelect({ value, onChange, none, wrong }: ProductSelectProps) {
  const t = useTexts(productTexts);
  const { data: products = [] } = useProducts();
  const known = value === '' || products.some(({ ProductKey }) => ProductKey === value);
  return (
    <SelectField
      label={t.product}
      value={value}
      onChange={onChange}
      wrong={wrong}
      options={[
        ...(none ? [{ value: '', name: t[none] }] : []),
        ...products.map(({ ProductKey, ProductName }) => ({ value: ProductKey, name: ProductName })),
        ...(known ? [] : [{ value, name: value }]),
      ]}
    />
  );
}
