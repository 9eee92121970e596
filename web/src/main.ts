import "./trusted.ts"
import "#style/base.css"
import { mount } from "svelte"
import { startCore } from "#core/core.ts"
import { firstLanguage, speak } from "#i18n/words.svelte.ts"
import { startPrefs } from "#state/prefs.svelte.ts"
import { startRouter } from "#state/route.svelte.ts"
import { attach, lockWhenIdle } from "#state/session.svelte.ts"
import Create from "#views/create/Create.svelte"
import Files from "#views/files/Files.svelte"
import Chart from "#views/folder/Chart.svelte"
import Home from "#views/folder/Home.svelte"
import Help from "#views/help/Help.svelte"
import Import from "#views/import/Import.svelte"
import Join from "#views/join/Join.svelte"
import Me from "#views/me/Me.svelte"
import Needs from "#views/needs/Needs.svelte"
import Note from "#views/note/Note.svelte"
import Outbox from "#views/outbox/Outbox.svelte"
import Patients from "#views/patients/Patients.svelte"
import Reader from "#views/reader/Reader.svelte"
import Record from "#views/record/Record.svelte"
import Restore from "#views/restore/Restore.svelte"
import Share from "#views/share/Share.svelte"
import type { Screens } from "#views/shell/screens.ts"
import Shell from "#views/shell/Shell.svelte"
import Start from "#views/start/Start.svelte"
import Unlock from "#views/unlock/Unlock.svelte"
import Who from "#views/who/Who.svelte"

// Every screen comes with the first load (about 30 kB packed), so that none is missing when the relay is down.
const screens: Screens = {
  start: Start,
  create: Create,
  reader: Reader,
  restore: Restore,
  unlock: Unlock,
  home: Home,
  chart: Chart,
  record: Record,
  import: Import,
  note: Note,
  share: Share,
  join: Join,
  who: Who,
  needs: Needs,
  patients: Patients,
  outbox: Outbox,
  files: Files,
  me: Me,
  help: Help,
}

const target = document.getElementById("app")
if (target === null) throw new Error("no #app in index.html")

const kept = startPrefs()
startRouter()
attach(startCore())
lockWhenIdle(window)
// Without it the app works; it only does not start while the relay is down.
if ("serviceWorker" in navigator)
  navigator.serviceWorker.register("/sw.js", { type: "module" }).catch(() => null)
void speak(firstLanguage(kept, navigator.languages)).finally(() => {
  mount(Shell, { target, props: { screens } })
})
