using System.Reflection;

namespace Defenses.Tests.Conventions;

/// <summary>The assemblies that the conventions speak of.</summary>
internal static class Library
{
    /// <summary>Every type of Defenses, Defenses.Zoo and Defenses.Onnx, nested and internal ones too.</summary>
    public static IReadOnlyList<Type> Types { get; } = 
        [.. new[] { "Defenses", "Defenses.Zoo", "Defenses.Onnx" }.SelectMany(name => Assembly.Load(name).GetTypes())];

    public static Assembly Torch { get; } = typeof(TorchSharp.torch).Assembly;

    /// <summary>Whether a class of this name is among the type's ancestors.</summary>
    public static bool Derives(Type type, string ancestor)
    {
        for (var up = type.BaseType; up is not null; up = up.BaseType)
        {
            if (up.Name == ancestor)
            {
                return true;
            }
        }

        return false;
    }
}
