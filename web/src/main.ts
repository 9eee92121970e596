import "./trusted.ts"
import "#style/base.css"
import Start from "#views/start/Start.svelte"
import { mount } from "svelte"

const target = document.getElementById("app")
if (target === null) throw new Error("no #app in index.html")
mount(Start, { target })
