import { texts } from '../../i18n/texts.ts';

/** Why tasks fail, as ListOTAFailureCauses and QueryOTAHistory name it. */
export const failureCauseTexts = texts({
  en: {
    UPDATE: 'Update failed on the device',
    DOWNLOAD: 'Download failed',
    VERIFICATION: 'Digest did not fit',
    FLASHING: 'Flashing failed',
    TIMEOUT: 'Took too long',
    VERSION: 'Came back with another version',
    BUSY: 'Busy with another job',
    OTHER: 'Other causes',
  },
  zh: {
    UPDATE: '设备升级失败',
    DOWNLOAD: '下载失败',
    VERIFICATION: '校验失败',
    FLASHING: '烧写失败',
    TIMEOUT: '升级超时',
    VERSION: '上报版本与目标版本不符',
    BUSY: '已有其他升级任务',
    OTHER: '其他原因',
  },
});
