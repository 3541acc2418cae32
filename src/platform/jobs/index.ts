export { installJobs, type JobName, type JobPayloads, type Jobs, type OpenedJobs, openJobs } from './jobs.ts';
