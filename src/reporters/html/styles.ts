/**
 * The only style of the page, whose hash the policy names. Each pair of colours has the contrast of WCAG 2.2
 * AA in both schemes. `content-visibility` keeps a long page quick, and is off in print, where it would leave blanks.
 */
const styles = `:root{color-scheme:light dark;--bg:#fff;--panel:#f5f7f9;--line:#d3d9e0;--text:#1a1f26;--muted:#515b67;--link:#0a55b3;--code:#eef1f4;--mark:#ffe6e6;--num:#4c5560;--ins:#dff3e4;--insT:#0f5323;--del:#fde4e4;--delT:#8a1020;--c:#a3152f;--h:#ad450a;--m:#7d5d07;--l:#3a5f8c;--i:#59626d;--on:#fff;--ok:#7a8694}
@media (prefers-color-scheme:dark){:root{--bg:#12161c;--panel:#1a2029;--line:#36404d;--text:#e8ecf1;--muted:#a8b3c0;--link:#86b9ff;--code:#222a35;--mark:#4d1a23;--num:#c0c9d4;--ins:#12351f;--insT:#a5e3b6;--del:#451a21;--delT:#ffb3bc;--c:#ff8496;--h:#ffab70;--m:#e5c463;--l:#94bff2;--i:#b3bdc8;--on:#14181d;--ok:#7c8896}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:3.6rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;overflow-wrap:anywhere;background:var(--bg);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.wrap{max-width:1160px;margin:0 auto;padding:0 24px}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em}
code{overflow-wrap:anywhere}.o{white-space:nowrap}
a{color:var(--link)}a:focus-visible,summary:focus-visible,input:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-99em}.skip:focus{left:8px;top:8px;background:var(--bg);padding:.5em 1em;z-index:9}
.top{background:var(--panel);border-bottom:1px solid var(--line);border-top:6px solid var(--panel);padding:16px 0 16px}.top.incomplete{border-top-color:var(--h)}
.brand{margin:0;color:var(--muted);font-size:.9rem}
h1{margin:.05em 0 .3em;font-size:1.7rem;line-height:1.2;overflow-wrap:anywhere}
.verdict{font-size:1.18rem;line-height:1.45;margin:0 0 14px;max-width:60em}.verdict.bad strong{color:var(--c)}.verdict.warn strong{color:var(--h)}
.strip{width:100%;height:12px;display:block;margin:0 0 8px;border-radius:4px}
.bar.critical{fill:var(--c)}.bar.high{fill:var(--h)}.bar.medium{fill:var(--m)}.bar.low{fill:var(--l)}.bar.info{fill:var(--i)}
.legend{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0 0 14px;padding:0;list-style:none}
.seen{display:grid;grid-template-columns:1fr 1fr;gap:12px;margin:0 0 12px}.seen>div{background:var(--bg);border:1px solid var(--line);border-left:5px solid var(--ok);border-radius:8px;padding:9px 14px}.seen>.gap{border-left-color:var(--h)}
.seen h2{font-size:1rem;margin:0 0 2px}.seen ul{margin:0;padding:0;list-style:none}.seen li{padding:1px 0}.seen a{color:inherit}
.gate{margin:0;font-size:.92rem;color:var(--muted);display:flex;flex-wrap:wrap;gap:2px 22px}.gate b{color:var(--text)}
.nav{position:sticky;top:0;z-index:5;background:var(--bg);border-bottom:1px solid var(--line)}
.nav .wrap{display:flex;flex-wrap:wrap;gap:0 22px}.nav a{padding:10px 0 8px;color:var(--text);text-decoration:none;white-space:nowrap;font-size:.95rem;border-bottom:3px solid transparent}.nav a:hover{border-color:var(--link)}.nav b{font-weight:600;color:var(--muted)}
main h2{font-size:1.35rem;margin:36px 0 10px}#first h2{margin-top:22px}h3{font-size:1.03rem;margin:0}h4{margin:.4em 0 .2em;font-size:.88rem;color:var(--muted)}#evidence>h3{margin:18px 0 4px}
.lead{max-width:52em;margin:0 0 14px;color:var(--muted)}
.todo{list-style:none;margin:0;padding:0;counter-reset:t;border:1px solid var(--line);border-radius:10px;overflow:hidden}
.todo li{counter-increment:t;display:flex;gap:16px;padding:13px 18px;border-top:1px solid var(--line)}.todo li:first-child{border:0}.todo li:target{background:var(--panel)}
.todo li::before{content:counter(t);flex:none;width:30px;height:30px;border-radius:50%;display:grid;place-items:center;font-weight:700;color:var(--on);background:var(--i)}.todo .critical::before{background:var(--c)}.todo .high::before{background:var(--h)}.todo .medium::before{background:var(--m)}.todo .low::before{background:var(--l)}
.todo p{margin:.2em 0}.todo .what{flex:1;min-width:0;overflow-wrap:anywhere}.todo .because{color:var(--muted);max-width:52em}.todo .locs{flex:none;width:20.5rem;display:grid;grid-template-columns:8.4rem minmax(0,1fr);gap:0 14px;font-size:.86rem;color:var(--muted)}.todo .locs b{color:var(--text)}.todo .locs p{margin:0;line-height:25px;overflow-wrap:anywhere}
.further{padding-left:2.4em}.further li{padding:3px 0}
figure{margin:0;border:1px solid var(--line);border-radius:10px;padding:12px;background:var(--bg)}
svg text{font-family:inherit}svg a{cursor:pointer}
.wide,.narrow{width:100%;height:auto;display:block}.narrow{display:none}
.lane rect{fill:var(--panel)}.lane text{font-weight:600;fill:var(--muted)}
.node{fill:var(--bg);stroke:var(--ok)}.node.high{stroke:var(--h);stroke-width:2}.node.critical{stroke:var(--c);stroke-width:2}
svg .t{fill:var(--text)}svg .s{fill:var(--muted)}
.todo.cuts{margin:0 0 22px}.todo.cuts li::before{content:none}.snip{flex:none;margin-top:2px}.badge rect{fill:var(--link)}.badge text{fill:var(--bg)}.badge path,.badge circle{stroke:var(--bg)}#first>h3{margin:0 0 6px}
.map{padding:8px 4px}.map svg{display:block;margin:0 auto;max-width:100%;height:auto}.map .broad{max-width:none}.arrow{stroke:var(--muted)}.arrow.cut{stroke:var(--link)}.heads path{fill:var(--muted)}.cut.heads path{fill:var(--link)}.arrow.heads .hollow{fill:var(--bg)}
.box rect{fill:var(--bg);stroke:var(--ok)}.box.position rect{fill:var(--panel);stroke:var(--text)}.box.asset rect{stroke:var(--c)}
#ways h3{display:inline}#ways .head{margin:14px 0 4px}.way summary{cursor:pointer;padding:4px 0;overflow-wrap:anywhere}.way ol{margin:.2em 0 .8em}.way li{padding:3px 0;overflow-wrap:anywhere}.notes{font-size:.88rem;color:var(--muted);overflow-wrap:anywhere}.notes :target,.notes li:target{background:var(--panel)}
.is{white-space:normal}.is.open{font-weight:650;color:var(--c)}.is.if,.is.not-known{color:var(--h)}.is.access{color:var(--m)}.is.by-design{color:var(--muted)}.is.by-design,.is.no-step,.is.not-known{white-space:nowrap}
.edge.none{stroke:var(--ok)}.edge.high{stroke:var(--h)}.edge.critical{stroke:var(--c)}.head.none{fill:var(--ok)}.head.high{fill:var(--h)}.head.critical{fill:var(--c)}
.door circle{stroke:var(--bg)}.door.critical{fill:var(--c)}.door.high{fill:var(--h)}.door text{fill:var(--on)}
.filters{display:flex;flex-wrap:wrap;gap:10px 22px;align-items:center}
fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:6px 14px;align-items:center}legend{float:left;padding:0;margin-right:12px;font-size:.9rem;color:var(--muted)}
.fl{display:inline-flex;gap:6px;align-items:center;cursor:pointer;min-height:28px;font-size:.92rem}.fl input{width:17px;height:17px;margin:0;accent-color:var(--link)}
.search{font-size:.9rem;color:var(--muted)}.search input{font:inherit;padding:5px 10px;border:1px solid var(--ok);border-radius:6px;background:var(--bg);color:var(--text);width:17em;max-width:100%}
.count{font-size:.88rem;color:var(--muted);margin:8px 0 14px}
.chip{display:inline-flex;gap:5px;align-items:center;background:var(--i);color:var(--on);border-radius:5px;padding:1px 9px;font-size:.8rem;font-weight:650;white-space:nowrap}
.chip::before{content:"\\25cb";content:"\\25cb" / ""}.chip.critical::before{content:"\\25c6";content:"\\25c6" / ""}.chip.high::before{content:"\\25b2";content:"\\25b2" / ""}.chip.medium::before{content:"\\25cf";content:"\\25cf" / ""}.chip.low::before{content:"\\25bc";content:"\\25bc" / ""}
.chip.critical{background:var(--c)}.chip.high{background:var(--h)}.chip.medium{background:var(--m)}.chip.low{background:var(--l)}
.n{font-weight:600}.n.critical{color:var(--c)}.n.high{color:var(--h)}.n.medium{color:var(--m)}.n.low{color:var(--l)}.n.info{color:var(--i)}
.group{margin:0 0 22px}.group>h3{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;padding:6px 0}.group>h3 code{font-size:1rem}
.gives{font-weight:400;color:var(--muted);font-size:.9rem}.cnt{margin-left:auto;font-size:.84rem;display:flex;flex-wrap:wrap;gap:0 10px}
details.f{border:1px solid var(--line);border-top-width:0;content-visibility:auto;contain-intrinsic-size:auto 46px}.group>h3+.f{border-top-width:1px;border-radius:8px 8px 0 0}details.f:last-child{border-radius:0 0 8px 8px}
details.f>summary{display:grid;grid-template-columns:6.6em minmax(0,1fr) fit-content(40%);gap:12px;align-items:baseline;padding:9px 14px;cursor:pointer;list-style:none}details.f>summary::-webkit-details-marker{display:none}details.f>summary .chip{justify-self:start}
details.f>summary:hover,details.f[open]>summary{background:var(--panel)}details.f[open]>summary{border-bottom:1px solid var(--line)}
.msg{overflow-wrap:anywhere}.doubt{color:var(--muted);font-size:.84rem}.where{display:flex;flex-wrap:wrap;gap:0 8px;justify-content:flex-end;align-items:baseline;color:var(--muted);font-size:.92rem;text-align:right}
.reach{font-size:.78rem;border:1px solid var(--c);color:var(--c);border-radius:10px;padding:0 8px;display:inline-block}
.body{padding:14px 16px 12px}.body p,.fold p{margin:.2em 0 .6em;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:7px;padding:9px 0;overflow-x:auto;margin:0 0 12px;line-height:1.5}pre>code{display:block;width:max-content;min-width:100%;overflow-wrap:normal;padding:0 14px}
.frame>code{padding:0}.frame span{display:block;padding:0 14px}.frame b{color:var(--num);font-weight:400;user-select:none}
.hit{background:var(--mark)}.frame mark{background:none;color:inherit;text-decoration:underline 2px var(--c);text-underline-offset:3px;font-weight:700}
ins,del{display:block;margin:0 -14px;padding:0 14px;text-decoration:none}ins{background:var(--ins);color:var(--insT)}del{background:var(--del);color:var(--delT)}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 24px}.two>div{min-width:0}
.meta{display:flex;flex-wrap:wrap;gap:2px 24px;margin:8px 0 0;font-size:.85rem;border-top:1px solid var(--line);padding-top:8px}.meta div{display:flex;gap:6px;min-width:0}dt{color:var(--muted);flex:none;overflow-wrap:normal}dd{margin:0;min-width:0;overflow-wrap:anywhere}
.body ul,.body ol,.fold ul,.fold .two ol{margin:.2em 0 .6em;padding-left:1.3em}.body li,.fold li,#evidence li{overflow-wrap:anywhere}
.more{color:var(--muted);font-size:.92rem}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px;margin:8px 0 18px}
table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;vertical-align:top;padding:7px 12px;border-top:1px solid var(--line);overflow-wrap:break-word}thead th{border:0;background:var(--panel);font-size:.82rem;color:var(--muted);white-space:nowrap}tbody th{min-width:13em}
tbody th{font-weight:400}small{font-size:.8rem;color:var(--muted)}.statement{max-width:60em;padding-left:1.2em}.r{white-space:nowrap;font-weight:600}.r small{display:block;white-space:normal;font-weight:400}.r.failed{color:var(--c)}.r.not-assessed,.r.not-applicable{color:var(--muted)}.r.nothing-found{color:var(--text)}.ids{font-size:.88rem;color:var(--muted);overflow-wrap:anywhere}
.w{display:none}table code{overflow-wrap:break-word}.sha{width:19em;min-width:19em}.sha code{font-size:.74rem;word-break:break-all}.sub{font-size:.8rem;color:var(--muted)}
.fold{margin:10px 0}.fold>summary{cursor:pointer;padding:5px 0}.fold>summary h3{display:inline}
.scope{display:grid;grid-template-columns:1fr 1fr;gap:8px 28px;font-size:.93rem;margin:20px 0 0}.scope dt{font-size:.84rem}
.sign{display:none}
footer{color:var(--muted);font-size:.86rem;padding-top:26px;padding-bottom:40px}
:root:has(#f-critical:not(:checked)) .f.critical,:root:has(#f-high:not(:checked)) .f.high,:root:has(#f-medium:not(:checked)) .f.medium,:root:has(#f-low:not(:checked)) .f.low,:root:has(#f-info:not(:checked)) .f.info,:root:has(#f-fork:checked) .f:not([data-fork]),.f[hidden],.group[hidden]{display:none}
@media screen and (max-width:720px){.wrap{padding:0 16px}h1{font-size:1.4rem}.verdict{font-size:1.1rem}.seen,.two,.scope{grid-template-columns:minmax(0,1fr);gap:8px}.todo li{flex-wrap:wrap;padding:13px 12px;gap:12px}.todo .what{flex-basis:calc(100% - 42px)}.todo.cuts .what{flex-basis:calc(100% - 60px)}.todo .locs{width:100%;padding-left:42px;grid-template-columns:minmax(0,1fr) minmax(0,1fr)}.nav .wrap{gap:0 18px}.nav a{padding:6px 0 4px;font-size:.9rem}
details.f>summary{grid-template-columns:auto minmax(0,1fr);gap:4px 10px;padding:9px 10px}.msg{grid-column:1/-1;grid-row:2}.cnt{margin-left:0}.wide{display:none}.narrow{display:block}figure{padding:6px}
.scroll table,.scroll tbody,.scroll tr,.scroll td,.scroll tbody th{display:block;min-width:0}.scroll thead{display:none}.scroll tr{border-top:1px solid var(--line);padding:8px 0}.scroll tr:first-child{border:0}.scroll td,.scroll th{border:0;padding:2px 12px;width:auto}.w{display:inline}table code{overflow-wrap:anywhere}.sha{min-width:0}.scroll .f[hidden]{display:none}}
@media screen and (max-width:1140px){.map svg{max-width:none}}
@media print{:root{color-scheme:light;--bg:#fff;--panel:#fff;--line:#b8c0c9;--text:#000;--muted:#3c4650;--link:#000;--code:#f4f4f4;--mark:#f4f4f4;--c:#8c0f26;--h:#8f3806;--m:#6b4f05;--l:#2f5079;--i:#4a525c;--num:#3c4650;--on:#fff;--ok:#7a8694;--ins:#f4f4f4;--insT:#000;--del:#f4f4f4;--delT:#000}
@page across{size:landscape}.map.across{page:across}.map{break-inside:avoid;border:0;padding:0}.map .ways{max-width:100%;max-height:150mm}
@page{margin:16mm 14mm;@bottom-right{content:counter(page) " / " counter(pages);font-size:9pt}}
body{font-size:10pt}.nav,.skip,.filters,.count{display:none}.wrap{max-width:none;padding:0}.top{padding:0 0 6mm;border-top:0}main h2,h3,h4{break-after:avoid}.todo li,tr,figure,.frame,.sign,.fold summary,details.f,details.f>summary{break-inside:avoid}details.f>summary,.frame{break-after:avoid}details.f{content-visibility:visible}details.hi::details-content,.fold::details-content,.pr::details-content{content-visibility:visible!important;block-size:auto!important;display:block!important}pre,.scroll{overflow:visible}pre>code{white-space:pre-wrap;width:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{text-decoration:none}tbody th{min-width:0}table code{overflow-wrap:anywhere}.sha code{font-size:.62rem}.sha{min-width:0;width:auto}.todo .locs{width:15rem;grid-template-columns:6.4rem minmax(0,1fr)}
.sign{display:block}.sign p{display:flex;gap:14px;margin:30px 0 0;align-items:end}.sign span{flex:1;border-bottom:1px solid var(--ok);max-width:20em}}
`;

/** The style of a page, which names what it is about at the foot of each printed page. */
export function stylesFor(subject: string): string {
  return `${styles}@media print{@page{@bottom-left{content:"drone-audit: ${inString(subject)}";font-size:9pt}}}\n`;
}

/** A text within a string of CSS: nothing but letters and digits stands for itself. */
function inString(text: string): string {
  return [...text]
    .map((each) => (/[A-Za-z0-9]/.test(each) ? each : `\\${each.codePointAt(0)?.toString(16)} `))
    .join('');
}
