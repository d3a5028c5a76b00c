// Numbers and times in words.

/** A time span in its two largest units, as the server writes it. */
export function spell(seconds) {
  const total = Math.max(0, Math.round(seconds));
  const [days, hours, minutes] = [Math.floor(total / 86400), Math.floor(total / 3600) % 24, Math.floor(total / 60) % 60];
  if (days) return `${days} d ${hours} h`;
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${total % 60} s` : `${total} s`;
}

/** A number at three significant digits. */
export function short(number) {
  return String(Number(number.toPrecision(3)));
}

/** A thousand as 1,000. */
export function grouped(number) {
  return number.toLocaleString("en");
}

/** A number with its noun. */
export function counted(number, noun) {
  return `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
}
