/* The viewer's time zone, for the server. The first page of all is drawn in the language's default zone. */
const YEAR_SECONDS = 31536000;

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`mukiau_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  const path = document.body.dataset.root;
  document.cookie = `mukiau_zone=${zone}; path=${path}; max-age=${YEAR_SECONDS}; samesite=lax${secure}`;
}
