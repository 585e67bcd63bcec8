namespace Defenses.Zoo;

/// <summary>What is said when Skia itself is not there: the package brings it for Windows and macOS only.</summary>
internal static class Skia
{
    public static InvalidOperationException Missing(Exception error) => new(
        "Skia's native library is missing or of another version. On Linux, add it to the application: " +
        "dotnet add package SkiaSharp.NativeAssets.Linux.NoDependencies "
        + "--version 4.155.0, the version of SkiaSharp.", error);
}
