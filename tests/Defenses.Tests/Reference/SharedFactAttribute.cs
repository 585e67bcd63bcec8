namespace Defenses.Tests.Reference;

/// <summary>A test that needs something of the folder <c>shared</c> beside the repository; absent, it is reported as skipped with the reason.</summary>
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string name)
    {
        if (SharedFiles.TryFind(name) is null) Skip = $"needs ../shared/{name}, which is not here";
    }
}
