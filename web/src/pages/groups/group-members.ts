import { useChange } from '../../api/hooks.ts';
import { useFormats, useTexts } from '../../i18n/language.tsx';
import { groupTexts } from './group-texts.ts';

/** Devices that one call puts into a group or takes out of it (openapi-devices 4). */
export const MEMBERS_AT_A_TIME = 200;

/** Actions whose answers change with the members of a group. */
export const memberAnswers = [
  'QueryDeviceListByDeviceGroup',
  'QueryDeviceGroupInfo',
  'QueryDeviceGroupByDevice',
] as const;

/** What came of adding devices to a group. */
interface AddedMembers {
  readonly added: number;
  /** Names that were in it before. */
  readonly already: number;
  /** Names that are no devices of the product. */
  readonly missing: number;
  /** Devices that are in as many groups as a device may be. */
  readonly exceeding: number;
}

interface Adding {
  readonly groupId: string;
  readonly productKey: string;
  readonly names: readonly string[];
  /** No more are sent once it is aborted. */
  readonly signal: AbortSignal;
  /** Told how many names are sent before each call. */
  readonly onStep?: (sent: number) => void;
}

/** Puts devices into a static group, however many there are. */
export function useAddMembers(): (adding: Adding) => Promise<AddedMembers> {
  const { mutateAsync } = useChange('BatchAddDeviceGroupRelations', memberAnswers);
  return async ({ groupId, productKey, names, signal, onStep }) => {
    let [added, already, missing, exceeding] = [0, 0, 0, 0];
    for (let from = 0; from < names.length; from += MEMBERS_AT_A_TIME) {
      signal.throwIfAborted();
      onStep?.(from);
      const slice = names.slice(from, from + MEMBERS_AT_A_TIME);
      const answer = await mutateAsync({
        GroupId: groupId,
        Device: slice.map((name) => ({ ProductKey: productKey, DeviceName: name })),
      });
      added += answer.SuccessAddedDeviceCount;
      already += answer.AlreadyRelatedGroupDeviceCount;
      missing += slice.length - answer.ValidDeviceCount;
      exceeding += answer.ExceedTenGroupDeviceCount;
    }
    return { added, already, missing, exceeding };
  };
}

/** Says what came of it. */
export function useSayAdded(): (members: AddedMembers) => string {
  const t = useTexts(groupTexts);
  const formats = useFormats();
  return ({ added, already, missing, exceeding }) => {
    const all = t.added(formats.number(added), formats.number(already), formats.number(missing));
    return exceeding > 0 ? `${all} ${t.exceeding(formats.number(exceeding))}` : all;
  };
}
