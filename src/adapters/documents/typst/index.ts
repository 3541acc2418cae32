export { openNoticeRenderer } from './notice-renderer.ts';
