/** How this program is called here: by npm from the sources, by its own name where it is installed. */
export const programName = process.argv[1]?.endsWith('.ts') ? 'npm run -s ringdown' : 'ringdown'
