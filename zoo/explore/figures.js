"use strict";
// The two figures that plotly draws: an object's light curve with its probabilities
// over time, and the latent map. Colours of classes and passbands come with the
// content, those of the background from the style.

const figures = (() => {
  const DASHES = {circle: "solid", diamond: "dash", square: "dot"};
  const FAINT = 0.05; // classes that never exceed this probability are drawn thin
  const MARGIN = 2; // days, beside the light curve
  const SIZE = 7, SMALLEST = 5, LARGEST = 15; // of points, pixels
  const NOTICED = 50; // per mille: without larger changes, no point is drawn at its largest
  const small = matchMedia("(max-width: 759px)");

  const colour = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // Plotly renders some HTML in texts; an object's id must be shown as it is.
  const plain = (text) =>
    String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  const config = () => ({
    displaylogo: false,
    responsive: true,
    displayModeBar: small.matches ? false : "hover",
    // By name: plotly's default buttons include one that uploads the figure.
    modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
    plotlyServerURL: "",
    typesetMath: false,
    doubleClick: "reset+autosize",
  });

  const layout = () => ({
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: {color: colour("--ink"), family: "inherit", size: 12},
    hoverlabel: {align: "left", bgcolor: colour("--panel"), bordercolor: colour("--line"),
      font: {color: colour("--ink")}},
    hovermode: "closest",
    hoverdistance: 30,
    dragmode: small.matches ? false : "zoom",
    modebar: {bgcolor: "rgba(0,0,0,0)", color: colour("--faint"), activecolor: colour("--ink")},
  });

  const axis = (more) => ({
    gridcolor: colour("--grid"), linecolor: colour("--line"), zeroline: false,
    showline: true, ticks: "outside", tickcolor: colour("--line"), automargin: true, ...more,
  });

  // Larger where the probability of the predicted class changes more without the point.
  function sizes(object) {
    const most = Math.max(NOTICED, ...object.w.map((change) => Math.abs(change)));
    return object.w.map((change) => object.reason ? SIZE
      : SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(Math.abs(change) / most));
  }

  function observations(content, object) {
    const traces = [], size = sizes(object);
    for (const {name: band, colour: paint, symbol} of content.bands) {
      let named = false;
      for (const detected of [1, 0]) {
        const rows = [...object.t.keys()].filter(
          (i) => object.b[i] === band && object.d[i] === detected);
        if (!rows.length) continue;
        traces.push({
          type: "scatter", mode: "markers", name: plain(band), legendgroup: band, showlegend: !named,
          x: rows.map((i) => object.t[i]),
          y: rows.map((i) => object.f[i]),
          text: rows.map((i) => hover(content, object, i)),
          hoverinfo: "text",
          error_y: {type: "data", array: rows.map((i) => object.e[i]), color: paint,
            thickness: 1, width: 0},
          marker: {color: paint, size: rows.map((i) => size[i]), symbol: symbol + (detected ? "" : "-open")},
        });
        named = true;
      }
    }
    return traces;
  }

  function hover(content, object, i) {
    const flux = object.f[i];
    const lines = [
      `${object.b[i]}, ${object.t[i].toFixed(2)} d (MJD ${(object.start + object.t[i]).toFixed(3)})`,
      `flux ${flux} ± ${object.e[i]}`,
    ];
    if (flux > 0 && object.d[i]) {
      const magnitude = content.zeropoint - 2.5 * Math.log10(flux);
      const error = 2.5 / Math.LN10 * object.e[i] / flux;
      lines.push(`${magnitude.toFixed(2)} ± ${error.toFixed(2)} mag (AB)`);
    }
    if (!object.d[i]) lines.push("not detected");
    if (object.w[i] !== null) {
      const change = object.w[i] / 1000;
      lines.push(`without it: ${content.classes[object.predicted].name} ${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(3)}`);
    }
    return lines.map(plain).join("<br>");
  }

  function probabilities(content, object) {
    if (!object.history) return [];
    const {t, p} = object.history;
    return content.classes.map((group, k) => {
      const y = p.map((row) => row[k] / 1000);
      const much = Math.max(...y) >= FAINT;
      return {
        type: "scatter", mode: "lines+markers", name: group.name, showlegend: false, yaxis: "y2",
        x: t, y, hoverinfo: much ? "text" : "skip", opacity: much ? 1 : 0.35,
        text: y.map((value, i) => plain(`${group.name} ${value.toFixed(3)} after ${t[i].toFixed(2)} d`)),
        line: {color: group.colour, shape: "hv", width: much ? 2 : 0.8,
          dash: DASHES[group.symbol] ?? "dashdot"},
        marker: {color: group.colour, symbol: group.symbol, size: much ? 4 : 1},
      };
    });
  }

  // The window of the model, cut to the extent of the light curve.
  function shownDays(content, object) {
    const [first, last] = content.window;
    let days = object.reason ? object.t : object.t.filter((t) => t >= first && t <= last);
    if (!days.length) days = object.t.length ? object.t : [0];
    const low = Math.min(...days), high = Math.max(...days);
    const margin = Math.max(MARGIN, 0.03 * (high - low));
    return [low - margin, high + margin];
  }

  function shownFlux(object, [low, high]) {
    let least = 0, most = 0;
    object.t.forEach((t, i) => {
      if (t < low || t > high) return;
      least = Math.min(least, object.f[i] - object.e[i]);
      most = Math.max(most, object.f[i] + object.e[i]);
    });
    const margin = 0.06 * (most - least) || 1;
    return [least - margin, most + margin];
  }

  function shapes(content, object) {
    if (object.reason) return [];
    const [first, last] = content.window;
    const far = 1e5;
    const band = (x0, x1) => ({type: "rect", x0, x1, yref: "paper", y0: 0, y1: 1, layer: "below",
      line: {width: 0}, fillcolor: colour("--faint"), opacity: 0.12});
    const line = (x, dash) => ({type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1,
      line: {color: colour("--faint"), width: 1.2, dash}});
    return [band(-far, first), band(last, far), line(0, "dot")];
  }

  function drawObject(div, content, object) {
    const days = shownDays(content, object);
    const whole = Boolean(object.history);
    const since = object.reason ? "first observation" : "trigger";
    const drawn = {
      ...layout(),
      margin: {l: 12, r: 8, t: 30, b: 8},
      legend: {orientation: "h", x: 0, y: 1, yanchor: "bottom", itemsizing: "constant"},
      xaxis: axis({range: days, anchor: whole ? "y2" : "y",
        title: {text: `days since ${since} (MJD ${object.start.toFixed(2)})`, standoff: 6}}),
      yaxis: axis({range: shownFlux(object, days), domain: whole ? [0.42, 1] : [0, 1],
        title: {text: `flux (zero point ${content.zeropoint})`, standoff: 6},
        zeroline: true, zerolinecolor: colour("--faint"), zerolinewidth: 1, exponentformat: "none"}),
      shapes: shapes(content, object),
    };
    if (whole) {
      drawn.yaxis2 = axis({range: [-0.02, 1.04], domain: [0, 0.36], fixedrange: true,
        title: {text: "probability", standoff: 6}, tickvals: [0, 0.25, 0.5, 0.75, 1]});
    }
    const traces = [...observations(content, object), ...probabilities(content, object)];
    return Plotly.react(div, traces, drawn, config());
  }

  // The axes of the map have no unit: each fills its side of the figure.
  function mapAxis(content, side) {
    const places = content.objects.filter((o) => o.xy).map((o) => o.xy[side]);
    const low = Math.min(...places), high = Math.max(...places);
    const margin = 0.07 * (high - low) || 1;
    return {showgrid: false, zeroline: false, showticklabels: false, ticks: "",
      range: [low - margin, high + margin]};
  }

  // Each group of points in its colour; those outside the view are faint.
  function drawMap(div, content, groups, view, current) {
    const inView = new Set(view);
    const traces = groups.map(({style, members, name}) => ({
      type: "scatter", mode: "markers", name: plain(name),
      x: members.map((i) => content.objects[i].xy[0]),
      y: members.map((i) => content.objects[i].xy[1]),
      customdata: members,
      text: members.map((i) => plain(`${content.objects[i].id}, ${name}`)),
      hoverinfo: "text",
      marker: {color: style.colour ?? colour("--faint"), symbol: style.symbol, size: 8,
        line: {color: colour("--ground"), width: 0.7},
        opacity: members.map((i) => inView.has(i) ? 0.9 : 0.12)},
    }));
    const place = content.objects[current]?.xy;
    traces.push({
      type: "scatter", mode: "markers", name: "current", hoverinfo: "skip",
      x: place ? [place[0]] : [], y: place ? [place[1]] : [],
      marker: {size: 19, symbol: "circle-open", color: colour("--ink"), line: {width: 2.5}},
    });
    const drawn = {...layout(), margin: {l: 2, r: 2, t: 2, b: 2}, showlegend: false,
      uirevision: "kept", xaxis: mapAxis(content, 0), yaxis: mapAxis(content, 1)};
    return Plotly.react(div, traces, drawn, config());
  }

  return {drawObject, drawMap};
})();
