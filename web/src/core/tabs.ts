/**
 * The tabs of one browser profile: the one that holds the lock leads and runs the engine, the others ask it over
 * a channel. When the leader closes, its keys are gone with it: the next tab leads with a locked core.
 *
 *     tab A  ── lead ──►  all      A holds the lock
 *     tab B  ── hello ─►  A        A answers lead
 *     tab B  ── call ──►  A        A answers answer, to B
 */
import type { Audience } from "./engine.ts"
import { CoreError } from "./error.ts"
import {
  type Answer,
  type Between,
  type BootState,
  type Call,
  type Method,
  type Result,
  checked,
} from "./protocol.ts"

/** What a tab needs to find the others. */
export interface Neighborhood {
  /** A random id of this tab. */
  id: string
  /** Equal in tabs that may talk. */
  contract: string
  post(m: Between): void
  /** Called once, before anything is posted. */
  hear(fn: (data: unknown) => void): void
  /** Runs `fn` when this tab holds the lock, which it keeps until it closes. */
  whenLeading(fn: () => void): void
}

/** What a leader asks; the engine is one. */
export interface Asked {
  ask(call: Call): void
}

/** Longer than a leader takes to answer a hello, even while it boots. */
const silentMaxMS = 10_000

/** Calls that change nothing, so that asking the next leader again is harmless. */
const harmless: ReadonlySet<Method> = new Set<Method>([
  "status",
  "passkey",
  "devices",
  "recovery",
  "restore.state",
  "folders",
  "timeline",
  "record.open",
  "record.links",
  "meet.state",
  "grants",
  "accesses",
  "outbox",
  "sources",
  "export.source",
  "export.record",
])

interface Pending {
  call: Call
  /** The leader that has the call; "" while there is none. */
  at: string
  resolve(answer: Answer): void
}

export class Tabs implements Audience {
  readonly #near: Neighborhood
  readonly #start: (audience: Audience) => Asked
  readonly #pending = new Map<number, Pending>()
  /** Calls of other tabs, by the id under which the engine has them. */
  readonly #foreign = new Map<number, { to: string; id: number }>()
  readonly #onBoot = new Set<(state: BootState) => void>()
  readonly #onChanged = new Set<() => void>()
  #boot: BootState = { kind: "loading", loaded: 0, total: 0 }
  #engine: Asked | undefined
  #leader = ""
  #nextID = 1

  /** `start` makes the engine, when and if this tab leads. */
  constructor(near: Neighborhood, start: (audience: Audience) => Asked) {
    this.#near = near
    this.#start = start
    near.hear((data) => {
      this.#hear(checked(data) as Between)
    })
    near.whenLeading(() => {
      this.#lead()
    })
    near.post({ kind: "hello" })
    setTimeout(() => {
      if (this.#leader === "") this.#setBoot({ kind: "failed", why: "boot/silent" })
    }, silentMaxMS)
  }

  /** @throws CoreError as the core answered, or core/interrupted. */
  async call(method: Method, args: unknown, bytes: Uint8Array<ArrayBuffer> | undefined): Promise<Result> {
    const call: Call = { id: this.#nextID++, method, args, bytes }
    const answer = await new Promise<Answer>((resolve) => {
      const pending: Pending = { call, at: "", resolve }
      this.#pending.set(call.id, pending)
      this.#pass(pending)
    })
    if ("error" in answer) throw new CoreError(answer.error.code, answer.error.detail)
    return answer
  }

  onBoot(fn: (state: BootState) => void): () => void {
    this.#onBoot.add(fn)
    fn(this.#boot)
    return () => this.#onBoot.delete(fn)
  }

  onChanged(fn: () => void): () => void {
    this.#onChanged.add(fn)
    return () => this.#onChanged.delete(fn)
  }

  /** From this tab's engine, as are the next two. */
  boot(state: BootState): void {
    this.#setBoot(state)
    this.#announce()
  }

  changed(): void {
    this.#near.post({ kind: "changed", leader: this.#near.id })
    for (const fn of this.#onChanged) fn()
  }

  answer(answer: Answer): void {
    const foreign = this.#foreign.get(answer.id)
    if (foreign === undefined) {
      this.#settle(answer)
      return
    }
    this.#foreign.delete(answer.id)
    this.#near.post({ kind: "answer", to: foreign.to, answer: { ...answer, id: foreign.id } })
  }

  #hear(m: Between): void {
    switch (m.kind) {
      case "hello":
        if (this.#engine !== undefined) this.#announce()
        break
      case "lead":
        this.#follow(m.leader, m.contract, m.boot)
        break
      case "call":
        if (m.leader === this.#near.id) this.#serve(m.from, m.call)
        break
      case "answer":
        if (m.to === this.#near.id) this.#settle(m.answer)
        break
      case "changed":
        if (m.leader === this.#leader) for (const fn of this.#onChanged) fn()
        break
    }
  }

  #announce(): void {
    this.#near.post({ kind: "lead", leader: this.#near.id, contract: this.#near.contract, boot: this.#boot })
  }

  #lead(): void {
    this.#leader = this.#near.id
    this.#boot = { kind: "loading", loaded: 0, total: 0 }
    this.#engine = this.#start(this)
    this.boot(this.#boot)
    this.#takeOver()
  }

  #follow(leader: string, contract: string, boot: BootState): void {
    const fresh = leader !== this.#leader
    this.#leader = leader
    if (contract !== this.#near.contract) {
      this.#setBoot({ kind: "failed", why: "boot/other-version" })
      for (const { call } of this.#pending.values()) {
        this.#settle({ id: call.id, error: { code: "boot/other-version", detail: "" } })
      }
      return
    }
    this.#setBoot(boot)
    if (!fresh) return
    this.#takeOver()
    for (const fn of this.#onChanged) fn() // the new leader's core is locked
  }

  /** A new leader has none of the old one's calls: ask again where that is harmless, else say so. */
  #takeOver(): void {
    for (const pending of this.#pending.values()) {
      if (pending.at === "" || harmless.has(pending.call.method)) this.#pass(pending)
      else
        this.#settle({
          id: pending.call.id,
          error: { code: "core/interrupted", detail: pending.call.method },
        })
    }
  }

  #pass(pending: Pending): void {
    const { call } = pending
    if (this.#boot.kind === "failed" || this.#boot.kind === "unsupported") {
      this.#settle({ id: call.id, error: { code: this.#boot.why, detail: "" } })
      return
    }
    pending.at = this.#leader
    if (this.#engine !== undefined) this.#engine.ask(call)
    else if (this.#leader !== "") {
      this.#near.post({ kind: "call", leader: this.#leader, from: this.#near.id, call })
    }
  }

  #serve(from: string, call: Call): void {
    const id = this.#nextID++
    this.#foreign.set(id, { to: from, id: call.id })
    this.#engine?.ask({ ...call, id })
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    pending?.resolve(answer)
  }

  #setBoot(state: BootState): void {
    this.#boot = state
    for (const fn of this.#onBoot) fn(state)
  }
}
