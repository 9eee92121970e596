import "./trusted.ts"
import "#style/base.css"
import { type Component, mount } from "svelte"
import { startCore } from "#core/core.ts"
import { firstLanguage, speak } from "#i18n/words.svelte.ts"
import { lockWhenIdle } from "#state/idle.ts"
import { keepInstallOffer } from "#state/install.svelte.ts"
import { startPrefs } from "#state/prefs.svelte.ts"
import { startRouter } from "#state/route.svelte.ts"
import { attach, whenStarted } from "#state/session.svelte.ts"
import { followUpdates } from "#state/updates.svelte.ts"
import type { Screens } from "#views/shell/screens.ts"
import { loadWhenIdle } from "#views/shell/lazy.ts"
import Shell from "#views/shell/Shell.svelte"
import Start from "#views/start/Start.svelte"
import Unlock from "#views/unlock/Unlock.svelte"

// What a person meets first comes with the first load; home comes right behind, while the core is fetched or a
// passphrase typed; the rest follows when the page has nothing else to do. The
// service worker keeps every file, so that no screen is missing when the relay is down.
const screens: Screens = {
  start: { component: Start },
  unlock: { component: Unlock },
  home: { load: () => import("#views/folder/Home.svelte") },
  create: { load: () => import("#views/create/Create.svelte") },
  reader: { load: () => import("#views/reader/Reader.svelte") },
  restore: { load: () => import("#views/restore/Restore.svelte") },
  chart: { load: () => import("#views/folder/Chart.svelte") },
  record: { load: () => import("#views/record/Record.svelte") },
  trend: { load: () => import("#views/trend/Trend.svelte") },
  results: { load: () => import("#views/trend/Results.svelte") },
  summary: { load: () => import("#views/summary/Summary.svelte") },
  proof: { load: () => import("#views/proof/Proof.svelte") },
  verify: { load: () => import("#views/proof/Verify.svelte") },
  import: { load: () => import("#views/import/Import.svelte") },
  note: { load: () => import("#views/note/Note.svelte") },
  add: { load: () => import("#views/add/Add.svelte") },
  amend: { load: () => import("#views/add/Amend.svelte") },
  share: { load: () => import("#views/share/Share.svelte") },
  join: { load: () => import("#views/join/Join.svelte") },
  who: { load: () => import("#views/who/Who.svelte") },
  needs: { load: () => import("#views/needs/Needs.svelte") },
  patients: { load: () => import("#views/patients/Patients.svelte") },
  outbox: { load: () => import("#views/outbox/Outbox.svelte") },
  files: { load: () => import("#views/files/Files.svelte") },
  admission: { load: () => import("#views/admission/Admission.svelte") },
  cheat: { load: () => import("#views/proof/Cheat.svelte") },
  keys: { load: () => import("#views/keys/Keys.svelte") },
  devices: { load: () => import("#views/devices/Devices.svelte") },
  link: { load: () => import("#views/devices/Link.svelte") },
  recovery: { load: () => import("#views/recovery/Recovery.svelte") },
  forgotten: { load: () => import("#views/recovery/Forgotten.svelte") },
  me: { load: () => import("#views/me/Me.svelte") },
  help: { load: () => import("#views/help/Help.svelte") },
}

const target = document.getElementById("app")
if (target === null) throw new Error("no #app in index.html")

const kept = startPrefs()
startRouter()

/** A page of sample data starts no core, opens no file of this origin, and has nothing to lock. */
async function startLooking(target: Element): Promise<void> {
  const [{ startSample }, { holdSample }, { default: Sample }] = await Promise.all([
    import("#core/sample.ts"),
    import("#state/sample.svelte.ts"),
    import("#views/sample/Sample.svelte"),
  ])
  const sample = startSample()
  holdSample(sample)
  attach(sample.patient)
  const app: Component = (internals) => Shell(internals, { screens })
  mount(Sample, { target, props: { app } })
}

const looking = new URLSearchParams(location.search).has("sample")
if (!looking) {
  attach(startCore())
  lockWhenIdle(window)
  keepInstallOffer()
}
const begun = speak(firstLanguage(kept, navigator.languages)).catch(() => null)
void begun.then(async () => {
  if (looking) await startLooking(target)
  else mount(Shell, { target, props: { screens } })
  loadWhenIdle(screens)
  whenStarted(() => void followUpdates())
})
