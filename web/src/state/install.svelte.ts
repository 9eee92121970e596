/** What Chromium gives a page that can be installed; other browsers install from their own menu. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

const canPrompt = (event: Event): event is InstallEvent => "prompt" in event

let offer = $state.raw<InstallEvent | null>(null)

export const install = {
  /** The browser offers to install the app. */
  get offered() {
    return offer !== null
  },
}

/** Keeps the browser's own offer quiet until somebody looks for it in Me. */
export function keepInstallOffer(): void {
  addEventListener("beforeinstallprompt", (event) => {
    if (!canPrompt(event)) return
    event.preventDefault()
    offer = event
  })
  addEventListener("appinstalled", () => {
    offer = null
  })
}

/** Shows the browser's question; it can be asked once. */
export async function askToInstall(): Promise<void> {
  await offer?.prompt()
  offer = null
}
