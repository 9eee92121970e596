import { query } from "#state/query.svelte.ts"

export const accesses = () => query("accesses", () => ({}))
