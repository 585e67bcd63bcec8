namespace Defenses.Pages;

/// <summary>The style of the page: any width, light and dark, screen and paper.</summary>
internal static class HtmlStyle
{
    internal const string Text = """
        :root{--ink:#1b1f27;--soft:#5c6573;--paper:#fff;--panel:#f6f7f9;--line:#e1e4ea;--accent:#1f5fd0;
        --warn:#7a5c00;--note:#0a69c7;--doubt:#a67c00;--bad:#c42b4f;
        --c0:#6b7280;--c1:#800000;--c2:#cc801a;--c3:#1a3380;--c4:#3399e6;--c5:#3300ff;--c6:#b2334c;--c7:#66334c;
        --c8:#809966;--c9:#ff1a99;--c10:#0066ff;--c11:#338066;--c12:#666600;--c13:#334cb2;--c14:#801a33;--c15:#9980b2}
        @media (prefers-color-scheme:dark){:root{--ink:#e8eaee;--soft:#a0a8b5;--paper:#14171c;--panel:#1c2027;--line:#2f353f;--accent:#7aa7ff;
        --warn:#e0bb4a;--note:#5aa9f5;--doubt:#d9b13b;--bad:#f0728f;
        --c0:#9aa3b0;--c1:#998000;--c2:#e6e600;--c3:#00ffcc;--c4:#b24cff;--c5:#e63380;--c6:#ccb2ff;--c7:#b2b200;
        --c8:#9980b2;--c9:#80b280;--c10:#80804c;--c11:#66ccb2;--c12:#cc80ff;--c13:#b2994c;--c14:#cce680;--c15:#ffccff}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main{max-width:1080px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
        h1{font-size:clamp(1.6rem,4.2vw,2.5rem);line-height:1.18;letter-spacing:-.02em;margin:.2rem 0 1rem;max-width:24em;text-wrap:balance}
        h2{font-size:1.35rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 .5rem}
        h3{font-size:1.02rem;margin:1.6rem 0 .5rem}
        h4{font-size:.95rem;margin:0 0 .35rem}
        p{margin:0 0 .9rem;max-width:72ch}
        section{margin-top:3rem}
        .eyebrow{color:var(--accent);font-weight:600;margin:0}
        .lead{font-size:1.08rem;margin-bottom:.35rem}
        .safe{font-size:1.08rem;margin:0 0 1rem;padding:.7rem 1rem;background:var(--panel);border-left:4px solid var(--accent);border-radius:0 8px 8px 0}
        .quiet,small,.range{color:var(--soft)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:.75rem;margin:1.5rem 0 0}
        .tiles div{background:var(--panel);border-radius:10px;padding:.8rem 1rem}
        .tiles dt{font-size:.85rem;color:var(--soft)}
        .tiles dd{margin:0;font-size:1.6rem;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums}
        .tiles dd.quiet{font-size:.85rem;font-weight:400}
        .findings{list-style:none;margin:0;padding:0;display:grid;gap:.6rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr))}
        .findings li{background:var(--panel);border-left:4px solid var(--note);border-radius:0 8px 8px 0;padding:.7rem .95rem}
        .findings .warning{border-color:var(--doubt)} .findings .invalid{border-color:var(--bad)}
        .findings p{margin:.15rem 0 0;font-size:.93rem} .findings i{color:var(--soft);font-style:normal}
        .findings details{border:0;padding:0;margin-top:.3rem;font-size:.9rem} .findings .method{font-size:.88rem;gap:.2rem .8rem}
        .method.origin{margin:1rem 0 0;font-size:.88rem}
        .badge{display:inline-block;padding:.05rem .5rem;border-radius:99px;font-size:.78rem;font-weight:600;line-height:1.5;white-space:nowrap;
        color:#fff;background:#4b5666}
        .badge.warning{background:#8a6500} .badge.invalid{background:#b3264a} .who .badge{margin-top:.25rem}
        .method.verdicts{font-size:1rem;gap:.45rem 1.2rem} .method.verdicts dt{font-weight:600;color:var(--ink)}
        .verdicts .badge{margin-right:.4rem} .verdicts dd{color:var(--soft);font-size:.93rem}
        .weight{color:var(--soft);font-weight:600} .warning .weight{color:var(--warn)} .invalid .weight{color:var(--bad)}
        .glossary{margin-bottom:1rem} .glossary .method{font-size:.88rem}
        .tag{display:inline-block;margin:.3rem .4rem 0 0;padding:.05rem .5rem;border:1px solid var(--line);border-radius:99px;font-size:.8rem;
        color:var(--soft)}
        .scroll{overflow-x:auto;margin:0 -1.25rem;padding:0 1.25rem}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.93rem}
        th,td{padding:.5rem .7rem;text-align:right;vertical-align:top;border-bottom:1px solid var(--line)}
        th.who{text-align:left;position:sticky;left:0;background:var(--paper);min-width:8.5rem}
        .summary thead th:not(.who){min-width:4.6rem} thead td{border-bottom:0}
        thead th{font-weight:600;vertical-align:bottom;border-bottom:2px solid var(--line)}
        thead th[colspan]{text-align:center;border-bottom:1px solid var(--line)}
        tbody th{font-weight:600} th small{display:block;font-weight:400;font-size:.8rem;line-height:1.3}
        thead tr+tr th{font-weight:400;color:var(--soft)}
        .compact{font-size:.86rem} .compact th,.compact td{padding:.4rem .45rem} .compact .range{font-size:.72rem}
        td b{font-weight:600;white-space:nowrap} .range{display:block;font-size:.8rem;white-space:nowrap}
        .swatch{width:.85em;height:.85em;margin-right:.45em}
        .name{white-space:nowrap} td.tint{background:color-mix(in srgb,var(--accent) calc(var(--share)*.38),transparent)}
        .bar{display:block;width:100%;min-width:110px;height:9px;margin-top:.3rem} .track{fill:var(--line)} .bar .band{opacity:.35}
        .mark{fill:var(--s)}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:1.5rem 2rem;align-items:end} .pair h3{margin-top:0}
        .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:1.25rem 1.5rem}
        figure{margin:0} .chart{display:block;width:100%;height:auto;overflow:visible}
        .chart text{font:11px system-ui,sans-serif;fill:var(--soft)} .chart .axis-title{font-size:11.5px}
        .grid{stroke:var(--line)} .axis,.zero{stroke:var(--soft)} .zero{stroke-dasharray:1 3}
        .line{fill:none;stroke:var(--s);stroke-width:2;stroke-linejoin:round} .line.again{stroke-dasharray:6 3}
        .line.reference{stroke-dasharray:4 4;stroke-width:1.4} .line.hidden{stroke:none} .line.d1{stroke-dasharray:8 3}
        .line.d2{stroke-dasharray:2 3} .line.d3{stroke-dasharray:9 3 2 3}
        .dot{fill:var(--paper);stroke:var(--s);stroke-width:2} .dot.again{fill:var(--s)} .dot.open{fill:var(--paper)}
        .band{fill:var(--s);opacity:.18} .band.faint{opacity:.09} .whisker{stroke:var(--s);stroke-width:1.6;opacity:.75}
        .whisker.thin{stroke-width:1.2;opacity:.55}
        .ray{stroke:var(--line);stroke-width:1.2} .chart .ray-name{font-size:9.5px}
        .legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-top:.5rem;font-size:.88rem} .key svg{width:26px;height:10px;margin-right:.4rem}
        .s0{--s:var(--c0)}.s1{--s:var(--c1)}.s2{--s:var(--c2)}.s3{--s:var(--c3)}.s4{--s:var(--c4)}.s5{--s:var(--c5)}.s6{--s:var(--c6)}
        .s7{--s:var(--c7)}
        .s8{--s:var(--c8)}.s9{--s:var(--c9)}.s10{--s:var(--c10)}.s11{--s:var(--c11)}.s12{--s:var(--c12)}
        .s13{--s:var(--c13)}.s14{--s:var(--c14)}.s15{--s:var(--c15)}
        .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:1.5rem}
        .strip>div{display:flex;gap:.5rem} .picture{flex:1}
        .picture img{width:100%;height:auto;image-rendering:pixelated;border-radius:4px;display:block;border:1px solid var(--line)}
        .picture small{display:block;text-align:center;font-size:.78rem} .strip figcaption{font-size:.9rem;margin-top:.4rem}
        .strip .quiet{display:block;font-size:.82rem}
        details{border:1px solid var(--line);border-radius:8px;padding:.6rem 1rem;margin-top:.6rem;overflow:hidden}
        summary{cursor:pointer;font-weight:600}
        details .scroll{margin:0 -1rem;padding:0 1rem}
        .method{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.3rem 1.2rem;font-size:.92rem;margin:.6rem 0}
        .method dt{color:var(--soft)} .method dd{margin:0;overflow-wrap:anywhere}
        .paper{display:block;font-size:.8rem;color:var(--accent)} .words{text-align:left} .summary td.words{min-width:10rem} .sorter{cursor:pointer}
        .why{text-align:left;min-width:14rem;font-size:.86rem;color:var(--soft)}
        .plots{margin-top:1.2rem;align-items:start;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr))} .heat{width:auto}
        .heat th,.heat td{text-align:center} .heat th.who{text-align:left}
        .contents{margin-top:2rem;font-size:.95rem} .contents ol{margin:0;padding-left:1.4rem;columns:2 20rem;column-gap:3rem} a{color:var(--accent)}
        @media (max-width:860px){.summary th,.summary td{padding:.45rem .38rem} .summary .range{font-size:.75rem} .summary .bar{min-width:80px}
        .pair .chart text,.pair .chart .axis-title{font-size:13px} .pair .chart .ray-name{font-size:11px}}
        @media (max-width:560px){body{font-size:15px} main{padding-top:1.5rem} section{margin-top:2.2rem}
        .method{grid-template-columns:1fr;gap:.1rem} .method dd{margin-bottom:.5rem} th,td{padding:.45rem .5rem}
        .summary thead{display:none} .summary tr{display:grid;grid-template-columns:repeat(3,1fr);gap:.5rem .8rem;padding:.8rem 0;
        border-bottom:1px solid var(--line)} .summary th.who{grid-column:1/-1}
        .summary td.why,.summary td.words{grid-column:1/-1} .summary td.why:empty{display:none}
        .summary th,.summary td{border:0;padding:0;text-align:left} .summary .bar{min-width:0}
        .summary td::before{content:attr(data-label);display:block;font-size:.8rem;color:var(--soft)}
        .pair .chart text,.pair .chart .axis-title{font-size:14px} .pair .chart .ray-name{font-size:12px}}
        @media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--panel:#f4f4f4;--line:#ccc} main{max-width:none;padding:0}
        body{font-size:10.5pt} .screen,.sort{display:none}
        section{margin-top:1.6rem} figure,tr,.findings li,.pair>div,.verdicts dd,.tiles{break-inside:avoid}
        h2,h3,h4,.quiet:not(:last-child),summary,section>p:has(+:not(p)){break-after:avoid}
        h2,h3,h4,p,.contents,.safe,.method>*{break-inside:avoid} .pictures,.panels,.pair,.findings{display:block}
        .pictures>*,.panels>*,.pair>*{display:inline-block;vertical-align:top;width:48%;margin:0 1.5% 1rem 0}
        .findings>li{display:inline-block;vertical-align:top;width:48%;margin:0 1.5% .7rem 0;box-sizing:border-box}
        .pictures,.panels,.pair,.findings{orphans:1;widows:1}
        .scroll{overflow:visible} details{border:0;padding:0} details::details-content{content-visibility:visible;block-size:auto}
        th.who{position:static} .summary{font-size:9pt} .summary thead th:not(.who){min-width:0} .summary td.words{min-width:8.5rem}
        .wide{font-size:6.5pt} .wide .range,.wide .paper{font-size:5.5pt} .wide th,.wide td{padding:.3rem .15rem} .summary.wide td.words{min-width:5rem}
        .compact{font-size:7pt} .compact .range{font-size:6pt} .compact th,.compact td{padding:.3rem .22rem} .compact th.who{min-width:6rem}
        .compact th small{font-size:6pt} .glossary .method{font-size:8.5pt;gap:.15rem 1rem}
        .method>:nth-child(-n+5){break-after:avoid}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """;
}
