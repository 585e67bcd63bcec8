namespace Defenses.Pages;

/// <summary>An axis of a figure.</summary>
/// <param name="Title">What is along it, with its unit: "ε, in 255ths".</param>
/// <param name="Unit">How its numbers are written; as they are by default. Ticks of percentages are written without digits.</param>
public sealed record FigureAxis(string Title, NumberUnit Unit = NumberUnit.Number)
{
    /// <summary>Where it begins; by default (null) a little below the smallest number.</summary>
    public double? Low { get; init; }

    /// <summary>Where it ends; by default (null) a little above the largest number.</summary>
    public double? High { get; init; }

    /// <summary>Whether equal steps are equal factors; all numbers must then be above 0. False by default.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>An axis of rates from 0 to 100 %.</summary>
    /// <param name="title">What is along it.</param>
    public static FigureAxis Rate(string title) => new(title, NumberUnit.Percent) { Low = 0, High = 1 };
}
