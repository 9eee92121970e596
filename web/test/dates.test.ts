import { expect, test } from "vitest"
import { typedDate } from "#ui/dates.ts"

const today = "2026-11-20"

test.each([
  ["27", "3", "1990", "1990-03-27"],
  [" 1", "12 ", "2000", "2000-12-01"],
  ["29", "2", "2024", "2024-02-29"],
  ["٢٧", "٣", "١٩٩٠", "1990-03-27"],
  ["20", "11", "2026", "2026-11-20"],
])("%s %s %s is a date", (day, month, year, text) => {
  expect(typedDate(day, month, year, today)).toEqual({ kind: "date", text })
})

test("nothing typed is no date", () => {
  expect(typedDate(" ", "", "", today)).toEqual({ kind: "none" })
})

test.each([
  ["29", "2", "2023"],
  ["31", "4", "1990"],
  ["0", "1", "1990"],
  ["1", "13", "1990"],
  ["1", "0", "1990"],
  ["1", "1", "90"],
  ["1", "1", ""],
  ["", "1", "1990"],
  ["1", "", "1990"],
  ["a", "1", "1990"],
  ["1", "1", "1849"],
  ["21", "11", "2026"],
  ["-1", "1", "1990"],
  ["1.5", "1", "1990"],
])("%s %s %s is wrong", (day, month, year) => {
  expect(typedDate(day, month, year, today)).toEqual({ kind: "wrong" })
})
