import { useMay } from '../../app/session.tsx';
import { KeysCard } from './keys-card.tsx';
import { UsersCard } from './users-card.tsx';

/** Who can sign in and call the API, and what each may do. */
export function UsersTab() {
  const may = useMay();
  return (
    <>
      {may('ListUsers') && <UsersCard />}
      {may('ListAccessKeys') && <KeysCard />}
    </>
  );
}
