/** Nothing yet. */
export {}
