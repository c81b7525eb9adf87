/** Whether the browser shows this page's notes; null: it has none to show. */
export function notesAllowed(): boolean | null {
  return 'Notification' in window ? Notification.permission === 'granted' : null
}

/** Shows a note, while the page is out of sight. Two tabs that say the same make one note of it. */
export function noteOf(text: string, tag: string): void {
  if (document.visibilityState === 'visible' || notesAllowed() !== true) return
  try {
    const note = new Notification(text, { tag, icon: '/favicon.svg' })
    note.onclick = () => {
      window.focus()
      note.close()
    }
  } catch {
    // Some phones allow notes to service workers only.
  }
}
