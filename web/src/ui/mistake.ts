/** What is wrong with one field of a form, by the field's id. */
export interface Mistake {
  readonly field: string
  readonly text: string
}
