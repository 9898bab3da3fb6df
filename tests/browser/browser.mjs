// Opens local pages in the machine's own Chromium, offline, and prints what it finds as JSON.
//
//   node browser.mjs audit PAGE…            axe-core on every page: wide, 320 pixels wide and printed; the keyboard
//   node browser.mjs review PAGE FOLDER     fills the experts' form by keyboard and mouse, saves it into FOLDER
//   node browser.mjs show PAGE FILE.png|pdf a picture, or the page as printed

import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function withPage(work) {
  const profile = mkdtempSync(join(tmpdir(), "stillroom-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
    headless: true,
    offline: true,
    bypassCSP: true, // axe-core is put into the page, whose own policy forbids scripts
    acceptDownloads: true,
    viewport: { width: 1280, height: 900 },
  });
  try {
    return await work(context.pages()[0] ?? (await context.newPage()));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const open = (page, path) => page.goto(pathToFileURL(resolve(path)).href);
const openDetails = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));

async function violations(page) {
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), TAGS);
  return found.violations.map((v) => ({ rule: v.id, impact: v.impact, help: v.help, at: v.nodes.slice(0, 5).map((n) => n.target.join(" ")), nodes: v.nodes.length }));
}

// Every link, summary and field must be reached by Tab in the order of the page, and be seen when it is.
async function keyboard(page) {
  await page.evaluate(() => document.activeElement?.blur());
  const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href], summary, button, input, [tabindex='0']")].filter((e) => e.checkVisibility() && !(e.type === "radio" && e !== document.getElementsByName(e.name)[0])).length);
  const reached = new Set();
  const unseen = [];
  for (let at = 0; at < Math.min(wanted, 60); at++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const e = document.activeElement, style = getComputedStyle(e);
      e.dataset.place ??= String(document.querySelectorAll("[data-place]").length);
      return { place: e.dataset.place, tag: e.tagName, outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 };
    });
    reached.add(seen.place);
    if (!seen.outlined) unseen.push(seen.tag);
  }
  return { wanted: Math.min(wanted, 60), reached: reached.size, unseen };
}

async function audit(paths) {
  return withPage(async (page) => {
    const told = {};
    for (const path of paths) {
      const asked = [];
      const listen = (request) => { if (!request.url().startsWith("file:")) asked.push(request.url()); };
      page.on("request", listen);
      await open(page, path);
      const keys = await keyboard(page);
      await openDetails(page);
      const screen = await violations(page);
      await page.setViewportSize({ width: 320, height: 800 });
      const narrow = await violations(page);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ media: "print" });
      const print = await violations(page);
      await page.emulateMedia({ media: "screen" });
      page.off("request", listen);
      told[path] = { screen, narrow, print, keyboard: keys, requests: asked, width_at_320: width };
    }
    return told;
  });
}

async function review([path, folder]) {
  return withPage(async (page) => {
    await open(page, path);
    await page.getByLabel("Your initials or number").fill("anna");
    const answers = await page.locator("section[data-answer]").all();
    for (const [at, answer] of answers.entries()) {
      for (const question of await answer.getByRole("group").all()) {
        const choices = question.getByRole("radio");
        await choices.nth(at % (await choices.count())).check();
      }
      await answer.getByLabel("Remark").fill(`remark, "${at}"`);
    }
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save my judgements" }).click()]);
    const file = join(folder, download.suggestedFilename());
    await download.saveAs(file);
    return { file, status: await page.getByRole("status").textContent(), answers: answers.length };
  });
}

async function show([path, file]) {
  return withPage(async (page) => {
    await open(page, path);
    if (file.endsWith(".pdf")) await page.pdf({ path: file, format: "A4", preferCSSPageSize: true, printBackground: true });
    else await page.screenshot({ path: file, fullPage: true });
    return { file };
  });
}

const [verb, ...rest] = process.argv.slice(2);
const verbs = { audit, review, show };
console.log(JSON.stringify(await verbs[verb](rest), null, 2));
