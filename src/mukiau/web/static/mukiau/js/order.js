/* What the list and the pages of its issues tell each other, by project, in this tab only: the list's address, the
   issues in its order, and the issue that was looked at last. */
const name = (project) => `mukiau-list-${project}`;

export function recall(project) {
  try {
    return JSON.parse(sessionStorage.getItem(name(project)));
  } catch {
    return null;
  }
}

export function remember(project, news) {
  sessionStorage.setItem(name(project), JSON.stringify({ ...recall(project), ...news }));
}
