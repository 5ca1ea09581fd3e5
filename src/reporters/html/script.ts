/**
 * The only script of the page: search, the count, and opening the finding that an address names. Without it nothing but
 * these is lost. A constant, so that its hash in the policy is one, and nothing that was read is ever part of it. It asks
 * for no computed style: on a page of thousands of findings each such question costs a layout.
 */
export const script = `(()=>{const d=document,id=i=>d.getElementById(i),q=id('q');
if(q){const f=[...d.querySelectorAll('.f')],g=[...d.querySelectorAll('.group')],of=f.map(e=>e.closest('.group')),t=[];q.closest('label').hidden=false;
const run=()=>{const w=q.value.toLowerCase().split(/\\s+/).filter(Boolean),n=new Map,fork=id('f-fork')?.checked,off=['critical','high','medium','low','info'].filter(s=>id('f-'+s)?.checked===false);
const sum=f.reduce((k,e,i)=>{const m=w.every(x=>(t[i]??=e.textContent.toLowerCase()).includes(x));if(e.hidden===m)e.hidden=!m;
if(!m||off.some(s=>e.classList.contains(s))||fork&&!('fork'in e.dataset))return k;n.set(of[i],1);return k+1},0);
for(const s of g)s.hidden=!n.has(s);id('count').textContent=sum+' of '+f.length+' findings on this page'};
const form=q.form,wait=f.length>500?300:0;form.addEventListener('input',()=>{clearTimeout(form.due);form.due=setTimeout(run,wait)});form.addEventListener('submit',e=>e.preventDefault())}
const open=()=>{const e=id(location.hash.slice(1));if(e&&e.matches('details'))e.open=true};addEventListener('hashchange',open);open()})()
`;
