// <price-chart>: the prices of one security, drawn by lightweight-charts. Its page gives it JSON texts:
//
//   bars   {"bars": [[seconds, open, high, low, close, volume or null], …], "kind": "candles" or "line",
//           "intraday": true or false, "zone": an IANA time zone or null, "close": the close before or null,
//           "baseline": whether a line marks the close before}
//   last   one such bar, the newest as it stands now
//   levels {"levels": [{"id", "price", "title", "movable"}, …]}: lines at prices. One that is movable is dragged, and the
//           element then fires `levelmove` with {id, price} as its detail; nothing is moved before the page has said so.
//   marks  {"marks": [[seconds, price], …]}: points that are marked
//
// and, in the attribute `data-words`, what its legend calls open, high, low, close, volume and the close before.
//
// Colours come from the style sheet's tokens and follow the page as its theme, palette and language change. Deliberately
// absent: the library's own logo. It brings a style element, which the page's policy stops, and tells its maker which
// page is open; the page itself has the link and the notice that the licence asks for.

import { AreaSeries, CandlestickSeries, HistogramSeries, createChart, createSeriesMarkers } from "./lightweight-charts.js";

const DASHED = 2;
const ON_DATA_UPDATE = 2;
const LOCALES = { point: "en", comma: "de", space: "fr" };
const DAY_S = 86_400;
// As small as it takes to show every bar of a day on a phone: the library's own half a pixel drops the first hours.
const MIN_BAR_SPACING = 0.02;
// How near to a line a pointer takes hold of it, in pixels.
const REACH_PX = { mouse: 6, pen: 10, touch: 16 };

class PriceChart extends HTMLElement {
  #chart;
  #series;
  #volume;
  #line;
  #plot;
  #legend;
  #given;
  #rows = [];
  #pointed;
  #colours;
  #formats;
  #levels = [];
  #lines = new Map();
  #marks = [];
  #marking;
  #dragged;
  #watching = new AbortController();
  #observer = new MutationObserver(() => this.#dress());

  connectedCallback() {
    this.#legend = this.appendChild(document.createElement("div"));
    this.#legend.className = "chart-legend";
    this.#plot = this.appendChild(document.createElement("div"));
    this.#plot.className = "chart-plot";
    // Time goes from left to right in every language.
    this.#plot.dir = "ltr";
    this.#observer.observe(document.documentElement, { attributes: true });
    this.#watching = new AbortController();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#dress(), this.#watching);
    this.#followPointer();
    for (const name of ["bars", "last", "levels", "marks"]) {
      // What was set before this class was known hides the setter.
      if (Object.hasOwn(this, name)) {
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
    }
  }

  disconnectedCallback() {
    this.#observer.disconnect();
    this.#watching.abort();
    this.#chart?.remove();
    this.#chart = undefined;
    this.replaceChildren();
  }

  set bars(text) {
    if (!this.#plot || !text) return;
    this.#given = JSON.parse(text);
    this.#given.offset = offsets(this.#given.zone);
    this.#rows = [];
    for (const bar of this.#given.bars) {
      const row = this.#row(bar);
      // Where clocks are put back an hour comes twice; the library wants each time once.
      if (!(row.time <= this.#rows.at(-1)?.time)) this.#rows.push(row);
    }
    this.#draw();
  }

  set last(text) {
    if (!this.#chart || !text) return;
    const row = this.#row(JSON.parse(text));
    const end = this.#rows.at(-1);
    if (row.time < end?.time) return;
    if (row.time === end?.time) this.#rows.pop();
    this.#rows.push(row);
    this.#series.update(this.#point(row));
    this.#volume.update(this.#column(row));
    this.#tint();
    this.#tell();
  }

  set levels(text) {
    if (!text) return;
    this.#levels = JSON.parse(text).levels;
    if (this.#chart) this.#drawLevels();
  }

  set marks(text) {
    if (!text) return;
    this.#marks = JSON.parse(text).marks;
    if (this.#chart) this.#drawMarks();
  }

  #row([seconds, open, high, low, close, volume]) {
    const time = this.#given.intraday ? seconds + this.#given.offset(seconds) : seconds;
    return { time, open, high, low, close, volume };
  }

  #draw() {
    this.#chart?.remove();
    this.#pointed = undefined;
    this.#chart = createChart(this.#plot, {
      autoSize: true,
      layout: { attributionLogo: false },
      // The wheel scrolls the page and a finger that goes up or down does too.
      handleScroll: { mouseWheel: false, vertTouchDrag: false },
      handleScale: { mouseWheel: false },
    });
    const isLine = this.#given.kind === "line";
    this.#series = this.#chart.addSeries(isLine ? AreaSeries : CandlestickSeries, {
      autoscaleInfoProvider: (original) => this.#range(original()),
    });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.#line = undefined;
    this.#lines.clear();
    this.#dragged = undefined;
    this.#marking = undefined;
    this.#dress();
    this.#series.setData(this.#rows.map((row) => this.#point(row)));
    this.#drawMarks();
    this.#tint();
    this.#chart.timeScale().fitContent();
    this.#chart.subscribeCrosshairMove(({ time }) => {
      this.#pointed = time;
      this.#tell();
    });
    this.#tell();
  }

  // The close before belongs in the picture of a day: above or below it is what the day is about. So do levels nearby.
  #range(info) {
    const { close, baseline } = this.#given;
    if (!info?.priceRange) return info;
    const { minValue, maxValue } = info.priceRange;
    const height = maxValue - minValue;
    // Levels that are far away would press the prices flat.
    const isNear = (price) => price >= minValue - height && price <= maxValue + height;
    const shown = this.#levels.map(({ price }) => price).filter(isNear);
    if (baseline && close !== null) shown.push(close);
    return {
      ...info,
      priceRange: { minValue: Math.min(minValue, ...shown), maxValue: Math.max(maxValue, ...shown) },
    };
  }

  // Puts on what the page wears now.
  #dress() {
    if (!this.#chart) return;
    const { lang, dataset } = document.documentElement;
    // English stays British or American, as in the rest of the page.
    const tongue = navigator.language.startsWith(lang) ? navigator.language : lang;
    const locale = LOCALES[dataset.numbers] ?? navigator.language;
    const places = decimals(this.#rows);
    const numbers = (options) => figures(new Intl.NumberFormat(locale, { numberingSystem: "latn", ...options }));
    const price = numbers({ minimumFractionDigits: 2, maximumFractionDigits: places });
    const [up, down, ink, faint, grid, accent] = ["up", "down", "ink-soft", "ink-faint", "line", "accent"].map((token) =>
      this.#colour(token),
    );
    this.#colours = { up, down, ink, accent };
    this.#formats = {
      places,
      // The room for the volume reaches below zero. No price does.
      price: (value) => (value < 0 ? "" : price(value)),
      percent: numbers({ style: "percent", minimumFractionDigits: 2, signDisplay: "exceptZero" }),
      // Its words are the page's: million, Mio.
      volume: figures(new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 })),
      time: new Intl.DateTimeFormat(tongue, {
        timeZone: "UTC",
        ...(this.#given.intraday
          ? { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }
          : { dateStyle: "medium" }),
      }),
    };
    const calm = dataset.motion === "calm" || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#chart.applyOptions({
      layout: {
        background: { color: "transparent" },
        textColor: ink(1),
        fontFamily: getComputedStyle(this).fontFamily,
        fontSize: 11,
      },
      localization: { locale: tongue, priceFormatter: this.#formats.price },
      grid: { vertLines: { color: grid(0.5) }, horzLines: { color: grid(0.8) } },
      crosshair: {
        vertLine: { color: faint(1), labelBackgroundColor: accent(1) },
        horzLine: { color: faint(1), labelBackgroundColor: accent(1) },
      },
      rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.16, bottom: 0.24 } },
      timeScale: {
        borderVisible: false,
        timeVisible: this.#given.intraday,
        secondsVisible: false,
        minBarSpacing: MIN_BAR_SPACING,
        maxBarSpacing: 28,
        fixLeftEdge: true,
        fixRightEdge: true,
      },
      kineticScroll: { touch: !calm, mouse: false },
    });
    this.#series.applyOptions({
      priceFormat: { type: "custom", formatter: this.#formats.price, minMove: 10 ** -places },
      upColor: up(1),
      borderUpColor: up(1),
      wickUpColor: up(1),
      downColor: down(1),
      borderDownColor: down(1),
      wickDownColor: down(1),
      lineWidth: 2,
      lastPriceAnimation: calm ? 0 : ON_DATA_UPDATE,
    });
    this.#volume.setData(this.#rows.map((row) => this.#column(row)));
    if (this.#line) this.#series.removePriceLine(this.#line);
    if (this.#given.baseline && this.#given.close !== null) {
      const title = this.#word(5);
      this.#line = this.#series.createPriceLine({
        price: this.#given.close,
        color: faint(1),
        lineStyle: DASHED,
        lineWidth: 1,
        title,
      });
    }
    this.#drawLevels();
    this.#drawMarks();
    this.#tint();
    this.#tell();
  }

  // The lines of the levels; one that is being dragged stays where it is.
  #drawLevels() {
    const accent = this.#colours.accent(1);
    const gone = new Map(this.#lines);
    for (const { id, price, title, movable } of this.#levels) {
      const options = { price, title, color: accent, lineStyle: movable ? 0 : DASHED, lineWidth: 1, axisLabelVisible: true };
      const line = gone.get(id);
      gone.delete(id);
      if (!line) this.#lines.set(id, this.#series.createPriceLine(options));
      else if (this.#dragged?.id !== id) line.applyOptions(options);
    }
    for (const [id, line] of gone) {
      this.#series.removePriceLine(line);
      this.#lines.delete(id);
    }
    this.dataset.levels = this.#levels.map(({ price }) => price).join(" ");
  }

  #drawMarks() {
    const [first] = this.#rows;
    const shown = this.#given && first ? this.#marks : [];
    const marks = shown
      .map(([seconds, price]) => ({ time: this.#timeOf(seconds), price }))
      .filter(({ time }) => time >= first.time)
      .map(({ time, price }) => ({
        time,
        price,
        position: "atPriceMiddle",
        shape: "circle",
        size: 1,
        color: this.#colours.accent(1),
      }));
    if (this.#marking) this.#marking.setMarkers(marks);
    else if (marks.length > 0) this.#marking = createSeriesMarkers(this.#series, marks);
    this.dataset.marks = String(marks.length);
  }

  // The bar that a moment lies in.
  #timeOf(seconds) {
    const time = this.#given.intraday ? seconds + this.#given.offset(seconds) : seconds;
    return this.#rows.findLast((row) => row.time <= time)?.time ?? Number.NEGATIVE_INFINITY;
  }

  // Lines are dragged before the chart sees the pointer: while one is, nothing scrolls.
  #followPointer() {
    const { signal } = this.#watching;
    const listen = (name, act) => this.#plot.addEventListener(name, act, { signal, capture: true, passive: false });
    listen("pointerdown", (event) => {
      const level = event.isPrimary && event.button === 0 ? this.#levelAt(event) : undefined;
      if (!level) return;
      this.#dragged = { ...level, pointer: event.pointerId };
      this.#chart.applyOptions({ handleScroll: { pressedMouseMove: false, horzTouchDrag: false } });
      this.#plot.setPointerCapture(event.pointerId);
    });
    listen("pointermove", (event) => {
      if (!this.#chart) return;
      if (!this.#dragged) {
        this.#plot.style.cursor = event.pointerType === "mouse" && this.#levelAt(event) ? "ns-resize" : "";
        return;
      }
      const price = this.#priceAt(event);
      if (event.pointerId !== this.#dragged.pointer || !price) return;
      this.#dragged.price = price;
      this.#lines.get(this.#dragged.id)?.applyOptions({ price });
    });
    const end = (isKept) => (event) => {
      if (event.pointerId !== this.#dragged?.pointer) return;
      const { id, price } = this.#dragged;
      this.#dragged = undefined;
      this.#chart?.applyOptions({ handleScroll: { pressedMouseMove: true, horzTouchDrag: true } });
      const was = this.#levels.find((level) => level.id === id)?.price;
      if (isKept && was !== undefined && price !== was) {
        this.dispatchEvent(new CustomEvent("levelmove", { detail: { id, price: price.toFixed(this.#formats.places) } }));
      } else if (this.#chart) this.#drawLevels();
    };
    listen("pointerup", end(true));
    listen("pointercancel", end(false));
    // A finger on a line does not scroll the page.
    listen("touchmove", (event) => this.#dragged && event.preventDefault());
  }

  #levelAt(event) {
    if (!this.#chart) return undefined;
    const at = this.#offset(event);
    const reach = REACH_PX[event.pointerType] ?? REACH_PX.mouse;
    const far = ({ price }) => Math.abs((this.#series.priceToCoordinate(price) ?? Number.POSITIVE_INFINITY) - at);
    const near = this.#levels.filter((level) => level.movable && far(level) <= reach);
    return near.sort((one, other) => far(one) - far(other))[0];
  }

  #priceAt(event) {
    const price = this.#series.coordinateToPrice(this.#offset(event));
    return price > 0 ? Number(price.toFixed(this.#formats.places)) : undefined;
  }

  #offset({ clientY }) {
    return clientY - this.#plot.getBoundingClientRect().top;
  }

  // A line has the colour of the way it went since the close before, or since it began.
  #tint() {
    const [first, last] = [this.#rows[0], this.#rows.at(-1)];
    if (this.#given.kind !== "line" || !last) return;
    const way = last.close - ((this.#given.baseline ? this.#given.close : null) ?? first.open);
    const { up, down, ink } = this.#colours;
    const colour = way > 0 ? up : way < 0 ? down : ink;
    this.#series.applyOptions({ lineColor: colour(1), topColor: colour(0.24), bottomColor: colour(0) });
  }

  #point({ time, open, high, low, close }) {
    return this.#given.kind === "line" ? { time, value: close } : { time, open, high, low, close };
  }

  #column({ time, open, close, volume }) {
    if (volume === null) return { time };
    return { time, value: volume, color: (close < open ? this.#colours.down : this.#colours.up)(0.24) };
  }

  // Says of the bar that is pointed at, or else of the newest, what it holds.
  #tell() {
    const row = this.#rows.find(({ time }) => time === this.#pointed) ?? this.#rows.at(-1);
    this.#legend.hidden = !row;
    if (!row) return;
    const { price, percent, volume, time } = this.#formats;
    const change = row.close / this.#before(row) - 1;
    const parts = [["", time.format(row.time * 1000)]];
    for (const [at, value] of [row.open, row.high, row.low, row.close].entries()) {
      parts.push([this.#word(at), price(value)]);
    }
    parts.push(["", percent(change), change > 0 ? "up" : change < 0 ? "down" : ""]);
    if (row.volume !== null) parts.push([this.#word(4), volume(row.volume)]);
    this.#legend.replaceChildren(...parts.map(part));
  }

  // The close of the day before a bar's, which the head of the page measures the newest price by; where the chart begins with
  // its day, what it opened at.
  #before(row) {
    const day = ({ time }) => Math.floor(time / DAY_S);
    const { close, baseline } = this.#given;
    if (close !== null && (baseline || day(row) === day(this.#rows.at(-1)))) return close;
    return this.#rows.findLast((earlier) => day(earlier) < day(row))?.close ?? row.open;
  }

  #word(at) {
    return (this.dataset.words ?? "").split("|")[at] ?? "";
  }

  // A token's colour at any strength. What it is in sRGB, a canvas knows.
  #colour(token) {
    const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    this.#legend.style.color = `var(--${token})`;
    pixel.fillStyle = getComputedStyle(this.#legend).color;
    this.#legend.style.removeProperty("color");
    pixel.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pixel.getImageData(0, 0, 1, 1).data;
    return (alpha) => `rgba(${red}, ${green}, ${blue}, ${alpha})`;
  }
}

function part([name, value, className]) {
  const whole = document.createElement("span");
  if (name) {
    whole.appendChild(document.createElement("i")).textContent = name;
    whole.append(" ");
  }
  const figure = whole.appendChild(document.createElement("b"));
  figure.textContent = value;
  if (className) figure.className = className;
  return whole;
}

// Writes numbers with the minus sign of every other figure of the app.
function figures(format) {
  return (value) => format.format(value).replace("-", "\u2212");
}

// How far a time zone's clocks are ahead of UTC at a moment, in seconds; those of this device without a zone.
function offsets(zone) {
  if (!zone) return (seconds) => new Date(seconds * 1000).getTimezoneOffset() * -60;
  const fields = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields });
  const known = new Map();
  return (seconds) => {
    // Clocks change on the hour.
    const hour = Math.floor(seconds / 3600);
    if (!known.has(hour)) {
      const shown = Object.fromEntries(clock.formatToParts(hour * 3_600_000).map(({ type, value }) => [type, Number(value)]));
      const local = Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute) / 1000;
      known.set(hour, local - hour * 3600);
    }
    return known.get(hour);
  };
}

// Two places and as many more as the prices have, within reason.
function decimals(rows) {
  const most = rows.some(({ close }) => close >= 1) ? 4 : 6;
  const longest = rows.reduce((places, { close }) => Math.max(places, `${close}`.split(".")[1]?.length ?? 0), 2);
  return Math.min(longest, most);
}

customElements.define("price-chart", PriceChart);
