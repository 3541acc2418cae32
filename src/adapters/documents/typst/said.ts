import {
  fillIn,
  NOTICE_WORDS,
  type NoticeLanguage,
  type NoticeWords,
} from '../../../modules/payments/document/document.port.ts';

/** Words in each language of the notice, Italian first; empty where nothing is said. */
export type Said = readonly (readonly [language: NoticeLanguage, words: string])[];

export type Key = keyof NoticeWords;
export type Speaker = (key: Key, values?: Readonly<Record<string, string>>) => Said;

/** Says the fixed texts in these languages; what is the same in two («Euro», «Rata 1») once. */
export function speaker(languages: readonly NoticeLanguage[]): Speaker {
  return (key, values = {}) => {
    const said = languages.map((language) => [language, fillIn(NOTICE_WORDS[language][key], values)] as const);
    return said.filter(([, words], i) => said.findIndex(([, others]) => others === words) === i);
  };
}

/** Every text that is the same on all notices in these languages. */
export const fixedWords = (say: Speaker): Record<string, Said> =>
  Object.fromEntries((Object.keys(NOTICE_WORDS.it) as Key[]).map((key) => [key, say(key)]));
