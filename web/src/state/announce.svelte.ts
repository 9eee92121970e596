let said = $state("")
let there = ""

/** One line that the shell shows, and reads out, until the next screen. */
export const announced = {
  get text() {
    return said
  },
}

export function announce(text: string): void {
  said = text
}

/** Says text on the screen that comes next. */
export function announceThere(text: string): void {
  there = text
}

/** A screen begins: what was said belongs to the one before. */
export function arrive(): void {
  said = there
  there = ""
}
