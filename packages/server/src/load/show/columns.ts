/** Lines with columns as wide as their widest cell; the first is aligned left, the others right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const cells of rows)
    cells.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  return rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}
