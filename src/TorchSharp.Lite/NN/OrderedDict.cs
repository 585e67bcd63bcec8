using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

// A dictionary that remembers the order of insertion.
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)> where TKey : notnull
{
    private readonly List<(TKey Key, TValue Value)> _list = [];
    private readonly Dictionary<TKey, TValue> _dict = [];

    public int Count => _list.Count;
    public bool IsReadOnly => false;
    public ICollection<TKey> Keys => _list.ConvertAll(entry => entry.Key);
    public ICollection<TValue> Values => _list.ConvertAll(entry => entry.Value);
    public IEnumerable<TKey> keys() => Keys;
    public IEnumerable<TValue> values() => Values;
    public IEnumerator<(TKey, TValue)> items() => _list.GetEnumerator();
    public IEnumerator<(TKey, TValue)> GetEnumerator() => _list.GetEnumerator();

    public TValue this[TKey key]
    {
        get => _dict[key];
        set
        {
            var index = _dict.ContainsKey(key) ? Find(key) : -1;
            _dict[key] = value;
            if (index < 0) _list.Add((key, value));
            else _list[index] = (key, value);
        }
    }

    public (TKey, TValue) this[int index]
    {
        get => _list[index];
        set
        {
            _dict[value.Item1] = value.Item2;
            _list[index] = value;
        }
    }

    public void Add(TKey key, TValue value)
    {
        _dict.Add(key, value);
        _list.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);
    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        _dict.Add(item.Item1, item.Item2);
        _list.Insert(index, item);
    }

    public bool Remove(TKey key)
    {
        if (!_dict.Remove(key)) return false;
        _list.RemoveAt(Find(key));
        return true;
    }

    public bool Remove((TKey, TValue) item) => Contains(item) && Remove(item.Item1);
    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove(item.Key);
    public void RemoveAt(int index) => Remove(_list[index].Key);

    public void Clear()
    {
        _dict.Clear();
        _list.Clear();
    }

    public void clear() => Clear();
    public bool ContainsKey(TKey key) => _dict.ContainsKey(key);
    public bool Contains((TKey, TValue) item) => _list.Contains(item);
    public bool Contains(KeyValuePair<TKey, TValue> item) => _dict.ContainsKey(item.Key);
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _dict.TryGetValue(key, out value);
    public int IndexOf((TKey, TValue) item) => _list.IndexOf(item);
    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);
    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex) => Pairs().ToArray().CopyTo(array, arrayIndex);
    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => Pairs().GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => Pairs().GetEnumerator();

    private int Find(TKey key) => _list.FindIndex(entry => entry.Key.Equals(key));
    private IEnumerable<KeyValuePair<TKey, TValue>> Pairs() => _list.Select(entry => KeyValuePair.Create(entry.Key, entry.Value));
}
