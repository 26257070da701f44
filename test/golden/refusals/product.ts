import { newProduct, type Refuser, refuseProducts } from './refuser.ts';

export async function refusalsOfProducts(refuser: Refuser): Promise<void> {
  const { refuse } = refuser;
  const productKey = await newProduct(refuser);
  await newProduct(refuser, 'other');

  const fresh = { ProductName: 'fresh', NodeType: '0' };
  await refuse('an empty name', 'CreateProduct', { ...fresh, ProductName: '' });
  await refuse('a malformed name', 'CreateProduct', { ...fresh, ProductName: 'two words' });
  await refuse('a long description', 'CreateProduct', { ...fresh, Description: 'x'.repeat(101) });
  await refuse('a node type that is none', 'CreateProduct', { ...fresh, NodeType: '2' });
  await refuse('another commodity', 'CreateProduct', { ...fresh, AliyunCommodityCode: 'iothub_junior' });
  await refuse('a category that is none', 'CreateProduct', { ...fresh, CategoryKey: 'two words' });
  await refuse('an authentication that is none', 'CreateProduct', { ...fresh, AuthType: 'password' });
  await refuse('ID2', 'CreateProduct', { ...fresh, AuthType: 'id2' });
  await refuse('X.509', 'CreateProduct', { ...fresh, AuthType: 'x509' });
  await refuse('a network that is none', 'CreateProduct', { ...fresh, NetType: 'PIGEON' });
  await refuse('one too many', 'CreateProduct', fresh, { limits: { products: 2 } });

  for (const action of ['QueryProduct', 'DeleteProduct']) await refuseProducts(refuser, action);
  await refuse('another commodity', 'QueryProductList', {
    CurrentPage: '1',
    PageSize: '10',
    AliyunCommodityCode: 'iothub_junior',
  });

  const renamed = { ProductKey: productKey, ProductName: 'renamed' };
  await refuseProducts(refuser, 'UpdateProduct', { ProductName: 'renamed' });
  await refuse('an empty name', 'UpdateProduct', { ...renamed, ProductName: '' });
  await refuse('a name that is taken', 'UpdateProduct', { ...renamed, ProductName: 'other' });
  await refuse('a long description', 'UpdateProduct', { ...renamed, Description: 'x'.repeat(101) });
  await refuse('a character that XML cannot carry', 'UpdateProduct', { ...renamed, Description: '\u0001' });
}
