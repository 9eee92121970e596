/** What one camera offers, and how to use it. Only what the device says it has is shown. */
export interface Camera {
  readonly stream: MediaStream
  readonly torch: boolean
  /** Zoom from, to and by, or null. */
  readonly zoom: { readonly min: number; readonly max: number; readonly step: number } | null
  /** Ids of this device's cameras; empty strings until the person allowed one. */
  readonly lenses: readonly string[]
  readonly lens: string
}

interface Light extends MediaTrackConstraintSet {
  readonly torch: boolean
}

interface Zoom extends MediaTrackConstraintSet {
  readonly zoom: number
}

/** Opens a camera: the given lens, else the one that looks away from the person. @throws DOMException when there is none or it is refused */
export async function openCamera(lens: string): Promise<Camera> {
  const facing = lens === "" ? { facingMode: { ideal: "environment" } } : { deviceId: { exact: lens } }
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { ...facing, width: { ideal: 1920 }, height: { ideal: 1080 } },
  })
  const track = stream.getVideoTracks()[0]
  // Older Firefox does not tell what a camera can.
  const can = track !== undefined && "getCapabilities" in track ? track.getCapabilities() : {}
  const devices = await navigator.mediaDevices.enumerateDevices()
  return {
    stream,
    torch: "torch" in can && can.torch === true,
    zoom: zoomOf(can),
    lenses: devices.filter((each) => each.kind === "videoinput").map((each) => each.deviceId),
    lens: track?.getSettings().deviceId ?? "",
  }
}

function zoomOf(can: object): Camera["zoom"] {
  if (!("zoom" in can) || typeof can.zoom !== "object" || can.zoom === null) return null
  const range: { min?: unknown; max?: unknown; step?: unknown } = can.zoom
  const { min, max, step } = range
  if (typeof min !== "number" || typeof max !== "number" || max <= min) return null
  return { min, max, step: typeof step === "number" && step > 0 ? step : (max - min) / 20 }
}

export function closeCamera(camera: Camera | null): void {
  for (const track of camera?.stream.getTracks() ?? []) track.stop()
}

export async function light(camera: Camera, on: boolean): Promise<void> {
  const set: Light = { torch: on }
  await camera.stream.getVideoTracks()[0]?.applyConstraints({ advanced: [set] })
}

export async function zoomTo(camera: Camera, to: number): Promise<void> {
  const set: Zoom = { zoom: to }
  await camera.stream.getVideoTracks()[0]?.applyConstraints({ advanced: [set] })
}

/** The next lens after the one in use. */
export function nextLens(camera: Camera): string {
  const at = camera.lenses.indexOf(camera.lens)
  return camera.lenses[(at + 1) % camera.lenses.length] ?? ""
}
