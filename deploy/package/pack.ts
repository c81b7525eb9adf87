import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { create } from 'tar'

/**
 * Writes what lies in `folder` as a gzipped tar file, under the one name `top`, as npm wants it. The same files make the same bytes: sorted,
 * without owners, times and the modes of who built it.
 */
export async function pack(folder: string, top: string, file: string): Promise<void> {
  const names = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
  await create(
    {
      cwd: folder,
      file,
      prefix: top,
      portable: true,
      gzip: { level: 9 },
      // As npm does: 1980 is the first year every archive format knows.
      mtime: new Date('1985-10-26T08:15:00Z'),
      onWriteEntry: (entry) => {
        if (entry.stat) entry.stat.mode = entry.path.endsWith('bin/ringdown') ? 0o755 : 0o644
      },
    },
    names,
  )
}
