namespace TorchSharp;

/// <summary>
/// Disposes what was made while it was the innermost scope of its thread. The list belongs to that thread: a tensor that another
/// thread disposes stays in the list, empty, until the scope ends.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager _manager;
    private readonly DisposeScope? _outer;
    private List<IDisposable?> _items = [];
    private int _count;
    private bool _ended;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        _outer = manager.Innermost;
        manager.Innermost = this;
    }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            var view = new List<IDisposable>(_count);
            foreach (var item in _items)
                if (item is not null) view.Add(item);
            return view;
        }
    }

    public int DisposablesCount => _count;

    internal bool IsOwnThread => _manager.Thread == Environment.CurrentManagedThreadId;

    public bool Contains(IDisposable disposable) => Find(disposable) >= 0;

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor { OwningDisposeScope: { } owner } tensor)
        {
            if (owner == this) return;
            owner.Take(tensor);
        }
        else if (disposable is torch.Tensor) _manager.Counts.AttachedToScopeCount++;
        else if (Find(disposable) >= 0) return;
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var list = disposables as IReadOnlyList<IDisposable> ?? [.. disposables];
        foreach (var disposable in list) Attach(disposable);
        return list;
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable => MoveToOther(_outer, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(_outer, first, second);

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(_outer, first, second, third);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(_outer, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(_outer, disposables);

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable
    {
        if (!Take(disposable)) return disposable;
        if (scope is not null) scope.Add(disposable);
        else if (disposable is torch.Tensor) _manager.Counts.DetachedFromScopeCount++;
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first,
        T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable =>
        (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var disposable in disposables) MoveToOther<IDisposable>(scope, disposable);
    }

    public T Detach<T>(T disposable) where T : IDisposable => MoveToOther(null, disposable);

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        MoveToOther(null, first, second);

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable => MoveToOther(null, first, second, third);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, (IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        var keep = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        var old = _items;
        _items = [];
        _count = 0;
        foreach (var item in old)
        {
            if (item is null) continue;
            if (keep.Contains(item)) Add(item);
            else DisposeItem(item);
        }
    }

    public void DisposeEverything()
    {
        var old = _items;
        _items = [];
        _count = 0;
        foreach (var item in old)
            if (item is not null) DisposeItem(item);
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        if (Take(disposable) && disposable is torch.Tensor) _manager.Counts.DisposedInScopeCount++;
    }

    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        DisposeEverything();
        if (_manager.Innermost == this) _manager.Innermost = Living(_outer);
    }

    /// <summary>Takes in a tensor that was just made.</summary>
    internal void Add(IDisposable item)
    {
        if (item is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = this;
            tensor.ScopeSlot = _items.Count;
        }
        _items.Add(item);
        _count++;
    }

    private static DisposeScope? Living(DisposeScope? scope)
    {
        while (scope is { _ended: true }) scope = scope._outer;
        return scope;
    }

    private void DisposeItem(IDisposable item)
    {
        if (item is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
            _manager.Counts.DisposedInScopeCount++;
            tensor.Release();
        }
        else item.Dispose();
    }

    private int Find(IDisposable item) => item is torch.Tensor tensor
        ? tensor.OwningDisposeScope == this ? tensor.ScopeSlot : -1
        : _items.FindIndex(other => ReferenceEquals(other, item));

    private bool Take(IDisposable item)
    {
        var slot = Find(item);
        if (slot < 0) return false;
        if (item is torch.Tensor tensor) tensor.OwningDisposeScope = null;
        _items[slot] = null;
        _count--;
        while (_items.Count > 0 && _items[^1] is null) _items.RemoveAt(_items.Count - 1);
        if (_items.Count > 64 && _count < _items.Count / 2) Compact();
        return true;
    }

    private void Compact()
    {
        var old = _items;
        _items = new List<IDisposable?>(_count * 2);
        _count = 0;
        foreach (var item in old)
            if (item is not null) Add(item);
    }
}
