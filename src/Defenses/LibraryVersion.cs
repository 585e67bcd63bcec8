using System.Reflection;

namespace Defenses;

/// <summary>The version of this library, as reports and begun runs name it.</summary>
internal static class LibraryVersion
{
    internal static string Text { get; } =
        typeof(LibraryVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
