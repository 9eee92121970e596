import { error } from "#i18n/error.ts"
import { plural } from "#i18n/plural.ts"

const count = plural("en")

export const shell = {
  update: {
    ready: "New version ready.",
    when: "It starts when you next open Anamnesis, or now. Starting it locks your folder.",
    now: "Start it now",
    all: "Start it in every tab",
    busy: "Not now: something is unfinished here or in another tab. Finish it or close that tab, then press again.",
    tabs: (n: number) =>
      count(n, {
        other: "Anamnesis is open in # tabs. All of them start anew and lock. Press again to do it.",
      }),
  },
  closed: {
    what: "This record is closed on this device.",
    safe: "What was opened closes when the device locks, the page is loaded anew, or sharing stops. Nothing is lost: in the folder you can ask again, and see whether sharing goes on.",
    ask: "Go to the folder and ask again",
  },
  lock: {
    after: "Lock after",
    hint: "It locks by itself when nobody touches it for this long. A shared device needs the shortest time.",
    minutes: (n: number) => count(n, { one: "# minute", other: "# minutes" }),
    idle: (n: number) =>
      count(n, {
        one: "It locked by itself, because nobody touched it for # minute. What was saved is safe.",
        other: "It locked by itself, because nobody touched it for # minutes. What was saved is safe.",
      }),
    tab: "It locked because another tab of Anamnesis that held your keys was closed or locked. What was saved is safe.",
  },
  offline: {
    title: "Without a connection",
    lead: "Anamnesis opens and shows your folder without the internet, if everything is on this device.",
    action: "Get ready for offline",
    looking: "Looking at every file…",
    files: (n: number, size: string) =>
      count(n, { one: `The app is here: # file, ${size}.`, other: `The app is here: # files, ${size}.` }),
    filesMissing: (n: number) =>
      count(n, {
        one: "# file of the app is missing. Connect and press again.",
        other: "# files of the app are missing. Connect and press again.",
      }),
    noFiles: "This browser does not keep the app here. You need a connection to open it.",
    records: (n: number) =>
      count(n, {
        zero: "Your folder has no records yet.",
        one: "Your folder is here: # record.",
        other: "Your folder is here: all # records.",
      }),
    recordsMissing: (missing: string, all: string) =>
      `${missing} of ${all} records are not on this device yet. Stay connected; they come by themselves.`,
    refused:
      "Your browser did not promise to keep this copy. It asks more of pages it does not know: install the app, or use it often, and press again.",
    install: "Install the app",
  },
}

export const shellErrors = {
  page: error(
    "This part of the app could not be loaded.",
    "Your folder and what was saved are safe.",
    "Try again",
  ),
}
