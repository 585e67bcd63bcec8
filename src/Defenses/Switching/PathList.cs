using System.Collections;

namespace Defenses.Switching;

/// <summary>All combinations of one number below each count, in lexicographic order, made when looked at.</summary>
internal sealed class PathList(IReadOnlyList<int> counts) : IReadOnlyList<IReadOnlyList<int>>
{
    /// <exception cref="OverflowException">There are more paths than a list can hold.</exception>
    public int Count => counts.Aggregate(1, (product, count) => checked(product * count));

    public IReadOnlyList<int> this[int index]
    {
        get
        {
            Require.Below(index, 0, Count, nameof(index));
            var path = new int[counts.Count];
            for (var i = path.Length - 1; i >= 0; i--) (index, path[i]) = Math.DivRem(index, counts[i]);
            return path;
        }
    }

    public IEnumerator<IReadOnlyList<int>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
