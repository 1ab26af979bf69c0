/** The one interface of schemas that this project knows; zod, valibot, arktype and others implement it. */
export type { StandardSchemaV1 } from '@standard-schema/spec'
