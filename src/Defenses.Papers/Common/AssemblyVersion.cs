using System.Reflection;

namespace Defenses.Papers;

/// <summary>The versions that reports and begun runs name.</summary>
public static class AssemblyVersion
{
    /// <summary>The library's.</summary>
    public static string Library { get; } = Of(typeof(AtomicFile).Assembly);

    /// <summary>An assembly's, without the commit.</summary>
    public static string Of(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? $"{assembly.GetName().Version}";
}
