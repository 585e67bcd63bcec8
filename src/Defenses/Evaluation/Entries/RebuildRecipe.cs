namespace Defenses.Evaluation;

/// <summary>How a model is made again: values by name for the program that made it, and files such as its weights. Records keep both.</summary>
public sealed class RebuildRecipe
{
    /// <summary>A recipe.</summary>
    /// <param name="values">What the program needs to know, such as the architecture and the layers that were put in.</param>
    public RebuildRecipe(IReadOnlyDictionary<string, string> values) =>
        Values = new SortedDictionary<string, string>(Require.NotNull(values, nameof(values)).ToDictionary(), StringComparer.Ordinal);

    /// <summary>The values by name.</summary>
    public IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>For each file its name and the function that writes it to the path that it is given; none by default.</summary>
    /// <exception cref="ArgumentException">A name has a folder in it, or is empty.</exception>
    public IReadOnlyDictionary<string, Action<string>> Files
    {
        get;
        init
        {
            foreach (var name in Require.NotNull(value, nameof(Files)).Keys)
                if (string.IsNullOrWhiteSpace(name) || name.StartsWith('.') || name != Path.GetFileName(name) || name.Contains('\\'))
                    throw new ArgumentException($"Files must have plain names, such as \"weights.safetensors\"; one is \"{name}\".", nameof(Files));
            field = value;
        }
    } = new Dictionary<string, Action<string>>();
}
