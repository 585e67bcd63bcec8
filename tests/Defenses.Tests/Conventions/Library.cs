using System.Reflection;

namespace Defenses.Tests.Conventions;

/// <summary>The assemblies that the conventions speak of.</summary>
internal static class Library
{
    /// <summary>Every type of Defenses and of Defenses.Zoo, nested and internal ones too.</summary>
    public static IReadOnlyList<Type> Types { get; } = [.. Assembly.Load("Defenses").GetTypes(), .. Assembly.Load("Defenses.Zoo").GetTypes()];

    public static Assembly Torch { get; } = typeof(TorchSharp.torch).Assembly;
}
