namespace Defenses.Pages;

/// <summary>Sorts the table before it by the column that a reader chooses, in the head or in a list. Without scripts the table stays as it is.</summary>
/// <remarks>The heads are no buttons: a browser leaves buttons out where it repeats the head of a table on the next page of paper.</remarks>
internal static class TableSorting
{
    internal const string Script = """
        <script>(()=>{const box=document.currentScript.previousElementSibling,table=box.querySelector('table'),body=table.tBodies[0];
        const heads=[...table.tHead.rows[0].cells],names=heads.map(head=>head.firstChild?head.firstChild.textContent:'');
        const key=(row,i)=>{const cell=row.cells[i],value=cell.dataset.sort;return value===undefined?cell.textContent.trim().toLowerCase():+value};
        let at=-1,way=1;
        const sort=(i,direction)=>{at=i;way=direction;list.value=i;
        const ordered=(a,b)=>{const x=key(a,i),y=key(b,i);return direction*(x<y?-1:x>y?1:0)};
        [...body.rows].sort(ordered).forEach(row=>body.append(row));
        heads.forEach((head,j)=>head.setAttribute('aria-sort',j!==i?'none':direction>0?'ascending':'descending'))};
        const first=i=>body.rows.length&&typeof key(body.rows[0],i)==='number'?-1:1;
        const list=document.createElement('select'),label=document.createElement('label');
        names.forEach((name,i)=>list.append(new Option(name,i)));list.selectedIndex=1;
        list.style.cssText='font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.2rem .4rem';
        list.addEventListener('change',()=>sort(+list.value,first(+list.value)));
        label.className='sort quiet';label.append('Sort by ',list);box.before(label);
        heads.forEach((head,i)=>{const button=document.createElement('span'),turn=()=>sort(i,at===i?-way:first(i));
        button.className='sorter';button.tabIndex=0;button.setAttribute('role','button');button.append(...head.childNodes);head.append(button);
        button.addEventListener('click',turn);
        button.addEventListener('keydown',key=>{if(key.key==='Enter'||key.key===' '){key.preventDefault();turn()}})})})()</script>
        """;
}
