import { error } from "#i18n/error.ts"

export const shellErrors = {
  page: error(
    "This part of the app could not be loaded.",
    "Your folder and what was saved are safe.",
    "Try again",
  ),
}
