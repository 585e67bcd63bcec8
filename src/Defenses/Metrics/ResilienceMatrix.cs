using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How well examples made on each model (row) fool each other (column).</summary>
/// <param name="Crafted">The models of the rows, in the order of their first case.</param>
/// <param name="Tested">The models of the columns, likewise.</param>
/// <param name="Success">Rates of success by row and column; the trials are the images. Null where nothing was tried.</param>
public sealed record ResilienceMatrix(
    IReadOnlyList<string> Crafted, IReadOnlyList<string> Tested, IReadOnlyList<IReadOnlyList<Proportion?>> Success)
{
    /// <summary>The share of examples made on one model that do not fool another; null where nothing was tried.</summary>
    /// <exception cref="ArgumentException">A model is not in the matrix.</exception>
    public Proportion? Resilience(string crafted, string tested) => Success[Find(Crafted, crafted, nameof(crafted))][Find(Tested, tested, nameof(tested))]?.Complement();

    private static int Find(IReadOnlyList<string> names, string name, string argument)
    {
        for (var i = 0; i < names.Count; i++) if (names[i] == name) return i;
        throw new ArgumentException($"{argument} must be one of {string.Join(", ", names)}; it is '{name}'.", argument);
    }
}
