/**
 * The only script of the page: search, the count, and opening the finding that an address names. Without it nothing but
 * these is lost. A constant, so that its hash in the policy is one, and nothing that was read is ever part of it.
 */
export const script = `(()=>{const d=document,q=d.getElementById('q'),c=d.getElementById('count'),all=s=>[...d.querySelectorAll(s)];
if(q){const f=all('.f'),g=all('.group'),t=[];q.closest('label').hidden=false;
const run=()=>{const w=q.value.toLowerCase().split(/\\s+/).filter(Boolean);f.forEach((e,i)=>{e.hidden=w.length>0&&!w.every(x=>(t[i]??=e.textContent.toLowerCase()).includes(x))});let k=0;for(const s of g){s.hidden=false;let m=0;for(const e of s.querySelectorAll('.f'))if(getComputedStyle(e).display!=='none')m++;s.hidden=!m;k+=m}
c.textContent=k+' of '+f.length+' findings'};let due;d.querySelector('.filters').addEventListener('input',()=>{clearTimeout(due);due=setTimeout(run,f.length>500?250:0)});
d.querySelector('.filters').addEventListener('submit',e=>e.preventDefault())}
const open=()=>{const e=d.getElementById(location.hash.slice(1));if(e&&e.matches('details'))e.open=true};addEventListener('hashchange',open);open()})()
`;
