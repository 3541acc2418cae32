/** Names of what travels with a console request; apart, so that views and routes share them without a circle. */
export const CSRF_FIELD = 'gettone';
export const CONSOLE_COOKIE = 'bonario_console';
