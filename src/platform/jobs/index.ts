export { installJobs, type JobName, type JobPayloads, type Jobs, openJobs } from './jobs.ts';
