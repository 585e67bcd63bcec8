using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

// A list until it is registered with a parent; later changes of the list do not reach the registry.
public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
{
    private readonly List<T> _list = [];
    private bool _registered;

    public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => _list.AddRange(modules);

    protected override void RegisterComponents()
    {
        if (_registered) return;
        for (var i = 0; i < _list.Count; i++) register_module($"{i}", _list[i]);
        _registered = true;
    }

    public T this[int index]
    {
        get => _list[index];
        set => _list[index] = value;
    }

    public int Count => _list.Count;
    public bool IsReadOnly => false;
    public void Add(T item) => _list.Add(item);
    public void append(params T[] parameters) => _list.AddRange(parameters);
    public void extend(IEnumerable<T> modules) => _list.AddRange(modules);
    public void Insert(int index, T item) => _list.Insert(index, item);
    public bool Remove(T item) => _list.Remove(item);
    public void RemoveAt(int index) => _list.RemoveAt(index);
    public void Clear() => _list.Clear();
    public bool Contains(T item) => _list.Contains(item);
    public int IndexOf(T item) => _list.IndexOf(item);
    public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);
    public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
