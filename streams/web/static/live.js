// The live page: pausing, a bounded number of stories, and asking now and then where nothing is pushed.
"use strict";

(() => {
  const MOST = 200; // stories in the page, besides what somebody asked for by "Show more"
  const POLL_MS = 5000;
  const state = { paused: false, missed: 0, room: MOST, source: null, polling: 0 };
  const list = () => document.getElementById("stories");
  const stories = () => list().querySelectorAll(".story");

  function say(words) {
    const notice = document.getElementById("live-state");
    notice.hidden = !words;
    notice.textContent = words;
  }

  // The browser's own time of day instead of UTC.
  function localTimes(root) {
    const today = new Date().toDateString();
    for (const one of root.querySelectorAll("time[datetime]")) {
      const at = new Date(one.dateTime);
      one.textContent = at.toDateString() === today ? at.toLocaleTimeString() : at.toLocaleString();
    }
  }

  function trim() {
    const all = stories();
    for (let place = state.room; place < all.length; place += 1) all[place].remove();
    const more = list().querySelectorAll(".story-more");
    for (let place = 3; place < more.length; place += 1) more[place].remove();
    if (all.length > state.room) document.getElementById("older").parentElement.hidden = false;
  }

  function renew() {
    state.missed = 0;
    state.room = MOST;
    say("");
    htmx.ajax("GET", window.location.href, { target: "#live", select: "#live", swap: "outerHTML" });
  }

  function pause() {
    state.paused = !state.paused;
    document.getElementById("pause").setAttribute("aria-pressed", String(state.paused));
    if (state.paused) say("Paused: nothing new is shown until you go on.");
    else renew();
  }

  function poll(on) {
    clearInterval(state.polling);
    state.polling = on ? setInterval(() => { if (!state.paused && !document.hidden) renew(); }, POLL_MS) : 0;
  }

  // Browsers keep few connections to one host: a page that nobody looks at gives its own back.
  htmx.createEventSource = (address) => {
    state.source = new EventSource(address);
    return state.source;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) state.source?.close();
    else if (!state.paused) renew();
  });

  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (!state.paused || event.target.id !== "stories") return;
    event.preventDefault();
    const before = /data-more="(\d+)"/.exec(event.detail.data);
    state.missed += event.detail.data.split('data-story="').length - 1 + Number(before ? before[1] : 0);
    say(`Paused: ${state.missed} more happened meanwhile.`);
  });
  document.addEventListener("htmx:sseMessage", (event) => {
    if (event.target.id !== "stories") return;
    document.getElementById("nothing")?.remove();
    localTimes(list());
    trim();
  });
  document.addEventListener("htmx:sseOpen", () => { poll(false); });
  document.addEventListener("htmx:sseError", (event) => {
    if (event.detail.source?.readyState === EventSource.CLOSED && !state.polling) poll(true);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.id !== "older") return;
    event.detail.parameters.before = [...stories()].at(-1)?.dataset.story ?? 0;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id !== "older" || !event.detail.successful) return;
    const more = Number(event.detail.xhr.getResponseHeader("X-More"));
    state.room += event.detail.xhr.responseText.split('data-story="').length - 1;
    event.target.parentElement.hidden = more === 0;
  });
  document.addEventListener("htmx:afterSettle", (event) => localTimes(event.target));
  document.addEventListener("DOMContentLoaded", () => localTimes(document));
  document.addEventListener("click", (event) => { if (event.target.closest("#pause")) pause(); });
})();
