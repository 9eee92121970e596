import type { Plugin } from "vite"

export function definitions(): Plugin
