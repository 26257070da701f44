import { useState } from 'react';
import type { AnswerOf } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import { useProducts } from '../../api/products.ts';
import { useMay } from '../../app/session.tsx';
import { useTexts } from '../../i18n/language.tsx';
import { FormDialog } from '../../ui/dialog.tsx';
import { CheckField, Choice, TextField } from '../../ui/field.tsx';
import { useNotice } from '../../ui/notices.tsx';
import { useRefused } from '../../ui/refused.ts';
import { eventsTexts } from './events-texts.ts';
import { isCovered, tickable } from './webhook-filter.ts';

export type Webhook = AnswerOf<'ListWebhooks'>['Data']['Webhook'][number];

const culprits = { 'iot.webhook.InvalidUrl': 'url' } as const;

interface WebhookFormProps {
  /** undefined: a new one. */
  readonly webhook?: Webhook;
  readonly onClose: () => void;
  readonly onCreated?: (created: { readonly WebhookId: string; readonly Secret: string }) => void;
}

const toggled = (set: ReadonlySet<string>, each: string) => set.symmetricDifference(new Set([each]));

/** Where to, and what is sent: of a new webhook, or of one that there is. */
export function WebhookForm({ webhook, onClose, onCreated }: WebhookFormProps) {
  const t = useTexts(eventsTexts);
  const say = useNotice();
  const create = useChange('CreateWebhook', ['ListWebhooks', 'ListQuotas']);
  const update = useChange('UpdateWebhook', ['ListWebhooks', 'ListQuotas']);
  const present = webhook?.Types.Type ?? ['*'];
  const presentProducts = webhook?.ProductKeys.ProductKey ?? [];
  const [url, setUrl] = useState(webhook?.Url ?? '');
  const [description, setDescription] = useState(webhook?.Description ?? '');
  const [every, setEvery] = useState(present.includes('*'));
  const [types, setTypes] = useState<ReadonlySet<string>>(new Set(present.filter((type) => type !== '*')));
  const [allProducts, setAllProducts] = useState(presentProducts.length === 0);
  const [products, setProducts] = useState<ReadonlySet<string>>(new Set(presentProducts));
  const refused = useRefused(culprits, { url });
  const named = (type: string) => {
    const names: Readonly<Record<string, string>> = t.typeNames;
    return names[type] === undefined ? type : t.type(names[type], type);
  };
  const submit = async () => {
    const settings = {
      Url: url.trim(),
      Types: every ? ['*'] : [...types].filter((type) => !isCovered(type, types)),
      Description: description.trim(),
      ...(allProducts ? {} : { ProductKeys: [...products] }),
    };
    if (webhook) {
      await update.mutateAsync({ WebhookId: webhook.WebhookId, ...settings, AllProducts: allProducts });
      say(t.saved);
    } else onCreated?.((await create.mutateAsync(settings)).Data);
  };
  const missing = !every && types.size === 0 ? t.chooseEvents : undefined;
  const missingProducts = !allProducts && products.size === 0 ? t.chooseProducts : undefined;
  return (
    <FormDialog
      title={webhook ? t.editTitle : t.create}
      submit={webhook ? t.save : t.create}
      onSubmit={refused.watch(submit)}
      onClose={onClose}
      disabled={missing !== undefined || missingProducts !== undefined}
      wide
    >
      <TextField
        label={t.url}
        hint={t.urlHint}
        error={refused.at('url')}
        value={url}
        onChange={setUrl}
        maxLength={2_000}
        placeholder="https://hooks.example.com/ota"
        spellCheck={false}
        required
      />
      <TextField
        label={t.description}
        hint={t.descriptionHint}
        value={description}
        onChange={setDescription}
        maxLength={100}
      />
      <Choice
        label={t.types}
        value={every ? 'all' : 'chosen'}
        onChange={(to) => setEvery(to === 'all')}
        options={[
          { value: 'all', name: t.allEvents, hint: t.allEventsHint },
          { value: 'chosen', name: t.chosenEvents },
        ]}
      />
      {!every && (
        <fieldset className="ticks">
          <legend className="unseen">{t.chosenEvents}</legend>
          {tickable(present).map((type) => (
            <CheckField
              key={type}
              label={type.endsWith('*') ? t.family(type.slice(0, -2)) : named(type)}
              checked={types.has(type) || isCovered(type, types)}
              disabled={isCovered(type, types)}
              onChange={() => setTypes(toggled(types, type))}
            />
          ))}
        </fieldset>
      )}
      {missing && <p className="soft">{missing}</p>}
      <ProductTicks all={allProducts} chosen={products} onAll={setAllProducts} onChosen={setProducts} />
      {missingProducts && <p className="soft">{missingProducts}</p>}
    </FormDialog>
  );
}

interface ProductTicksProps {
  readonly all: boolean;
  readonly chosen: ReadonlySet<string>;
  readonly onAll: (all: boolean) => void;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
}

function ProductTicks({ all, chosen, onAll, onChosen }: ProductTicksProps) {
  const t = useTexts(eventsTexts);
  const { data: known = [] } = useProducts(useMay()('QueryProductList'));
  const listed = known.map(({ ProductKey, ProductName }) => ({ key: ProductKey, name: ProductName }));
  const unlisted = [...chosen].filter((key) => !listed.some((product) => product.key === key));
  const offered = [...listed, ...unlisted.map((key) => ({ key, name: key }))];
  return (
    <>
      <Choice
        label={t.products}
        value={all ? 'all' : 'chosen'}
        onChange={(to) => onAll(to === 'all')}
        options={[
          { value: 'all', name: t.allProducts },
          { value: 'chosen', name: t.chosenProducts },
        ]}
      />
      {!all && (
        <fieldset className="ticks">
          <legend className="unseen">{t.chosenProducts}</legend>
          {offered.map(({ key, name }) => (
            <CheckField
              key={key}
              label={name}
              checked={chosen.has(key)}
              onChange={() => onChosen(toggled(chosen, key))}
            />
          ))}
        </fieldset>
      )}
    </>
  );
}
