namespace Defenses.Pages;

/// <summary>A name with its value: a setting of a measurement, or one of the few large numbers at the top of a page.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What it amounts to.</param>
/// <param name="Note">A word more, in small print; nothing by default.</param>
public sealed record PageEntry(string Name, string Value, string Note = "");
