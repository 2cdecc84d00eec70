/** The languages of the site. Every text for learners exists in each. */
export const languages = ['en', 'ko'] as const
export type Language = (typeof languages)[number]
export type Words = Readonly<Record<Language, string>>
