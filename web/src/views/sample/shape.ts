/**
 * The sample folder as a picture, painted before the engine is there: the same 24 records in the same order, which a
 * test holds against wasm/sample. A date as in the record; a number for a note, which was written so many days ago.
 */
export const shape: readonly (readonly [label: string, date: string | number])[] = [
  ["Foot check: no loss of feeling.", 5],
  ["Blood test is good: HbA1c 6.6 %.", 10],
  ["I walk for half an hour after dinner now. My sugar in the morning is lower.", 17],
  ["First visit. Type 2 diabetes since 2021, well controlled.", 18],
  ["Kidney function (eGFR)", "2026-10-13"],
  ["Blood pressure", "2026-10-13"],
  ["HbA1c", "2026-10-13"],
  ["Eye photographs", "2026-03-24"],
  ["Influenza vaccine", "2025-10-21"],
  ["HbA1c", "2025-09-16"],
  ["HbA1c", "2024-11-05"],
  ["Mood questionnaire (PHQ-9)", "2024-02-20"],
  ["HbA1c", "2024-02-20"],
  ["HbA1c", "2023-06-14"],
  ["Metformin 1000 mg tablet", "2022-11-15"],
  ["HbA1c", "2022-11-08"],
  ["HbA1c", "2022-04-19"],
  ["Metformin 500 mg tablet", "2021-10-19"],
  ["Type 2 diabetes", "2021-10-12"],
  ["HbA1c", "2021-10-12"],
  ["Birth of Noor", "2019-03-02"],
  ["Blood group", "2019-03-02"],
  ["Penicillin allergy", "2001-05-03"],
  ["Amina Haddad", "1992-02-29"],
]
