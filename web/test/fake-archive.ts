import type { ArchiveProgress, ArchiveReading, Backup } from "#core/api.gen.ts"
import { CoreError } from "#core/error.ts"

/** A made-up archive of the folder: it is written in three pieces, and read back whole unless a step says otherwise. */
export function fakeArchive(step: string, now: number, ended: () => void) {
  let pieces = 0
  let read = 0
  let backup: Backup =
    step === "backup"
      ? { madeAt: now - 86_400_000, readAt: now - 86_000_000, records: 24, newer: 2 }
      : { madeAt: 0, readAt: 0, records: 0, newer: 24 }
  const progress = (done: number): ArchiveProgress => ({
    done: done * 400,
    total: 1200,
    finished: done === 3,
    madeAt: now,
  })
  const reading = (): ArchiveReading => ({ bytes: read, records: 24, newer: 0, madeAt: now })
  return {
    "archive.make": () => {
      pieces = 0
      return progress(0)
    },
    "archive.next": () => {
      pieces += 1
      return progress(pieces)
    },
    "archive.read": () => {
      read = 0
      return {}
    },
    "archive.feed": () => {
      if (step === "archive-damaged") throw new CoreError("archive/damaged", "blocks/00000002")
      read += 1
      return reading()
    },
    "archive.end": () => {
      ended()
      if (step === "archive-cut") throw new CoreError("archive/truncated", "12 blocks of 90")
      backup = { madeAt: now, readAt: now, records: 24, newer: 0 }
      return reading()
    },
    "archive.cancel": () => ({}),
    backup: () => backup,
  }
}
