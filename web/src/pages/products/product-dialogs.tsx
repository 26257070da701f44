import { useState } from 'react';
import { Link } from 'wouter';
import { isProductName } from '../../../../src/contract/names.ts';
import { useChange } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { Dialog, FormDialog } from '../../ui/dialog.tsx';
import { Choice, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { useRefused } from '../../ui/refused.ts';
import { productTexts } from './product-texts.ts';

const culprits = {
  'iot.prod.AlreadyExistedProductName': 'name',
  'iot.prod.InvalidFormattedProductName': 'name',
} as const;

interface DialogProps {
  readonly onClose: () => void;
}

interface NamedProduct {
  readonly ProductKey: string;
  readonly ProductName: string;
  readonly Description: string;
}

interface TextProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function NameField(props: TextProps & { readonly error: string | undefined }) {
  const t = useTexts(productTexts);
  return <TextField label={t.name} hint={t.nameHint} rule={isProductName} required {...props} />;
}

function DescriptionField(props: TextProps) {
  const t = useTexts(productTexts);
  return <TextField label={t.description} hint={t.descriptionHint} maxLength={100} {...props} />;
}

export function CreateProductDialog({
  onClose,
  onCreated,
}: DialogProps & { readonly onCreated: (productKey: string) => void }) {
  const t = useTexts(productTexts);
  const say = useNotice();
  const create = useChange('CreateProduct', ['QueryProductList']);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [type, setType] = useState<'0' | '1'>('0');
  const refused = useRefused(culprits, { name });
  const submit = async () => {
    const ProductName = name.trim();
    const { ProductKey } = await create.mutateAsync({
      ProductName,
      NodeType: Number(type),
      ...(description.trim() === '' ? {} : { Description: description.trim() }),
    });
    say(t.madeProduct(ProductName));
    onCreated(ProductKey);
  };
  return (
    <FormDialog title={t.create} submit={t.create} onSubmit={refused.watch(submit)} onClose={onClose}>
      <NameField value={name} onChange={setName} error={refused.at('name')} />
      <Choice
        label={t.type}
        value={type}
        onChange={setType}
        options={(['0', '1'] as const).map((value) => ({ value, name: t.types[value], hint: t.typeHints[value] }))}
      />
      <DescriptionField value={description} onChange={setDescription} />
    </FormDialog>
  );
}

export function EditProductDialog({ product, onClose }: DialogProps & { readonly product: NamedProduct }) {
  const t = useTexts(productTexts);
  const update = useChange('UpdateProduct', ['QueryProduct', 'QueryProductList']);
  const [name, setName] = useState(product.ProductName);
  const [description, setDescription] = useState(product.Description);
  const refused = useRefused(culprits, { name });
  const submit = () =>
    update.mutateAsync({
      ProductKey: product.ProductKey,
      ProductName: name.trim(),
      Description: description.trim(),
    });
  return (
    <FormDialog title={t.editTitle} submit={t.save} onSubmit={refused.watch(submit)} onClose={onClose}>
      <NameField value={name} onChange={setName} error={refused.at('name')} />
      <DescriptionField value={description} onChange={setDescription} />
    </FormDialog>
  );
}

/** Asks first; of a product with devices it says why that cannot be, and leads to them. */
export function DeleteProductDialog({
  product,
  devices,
  onClose,
  onDeleted,
}: DialogProps & { readonly product: NamedProduct; readonly devices: number; readonly onDeleted: () => void }) {
  const t = useTexts(productTexts);
  const formats = useFormats();
  const say = useNotice();
  const remove = useChange('DeleteProduct', ['QueryProductList']);
  if (devices > 0)
    return (
      <Dialog title={t.cannotDelete(product.ProductName)} onClose={onClose}>
        <div className="dialog-body">
          <p>{t.hasDevices(formats.number(devices))}</p>
        </div>
        <div className="dialog-foot">
          <Link href={`/devices?product=${product.ProductKey}`} className="button main">
            {t.showDevices}
          </Link>
        </div>
      </Dialog>
    );
  const submit = async () => {
    await remove.mutateAsync({ ProductKey: product.ProductKey });
    say(t.deleted(product.ProductName));
    onDeleted();
  };
  return (
    <FormDialog title={t.deleteTitle(product.ProductName)} submit={t.delete} onSubmit={submit} onClose={onClose} danger>
      <p>{t.deleteText}</p>
    </FormDialog>
  );
}
