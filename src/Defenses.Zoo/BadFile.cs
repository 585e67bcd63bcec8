namespace Defenses.Zoo;

/// <summary>The Zoo's exception for a file that violates a rule: it names the file, the rule, the value and the way out.</summary>
internal static class BadFile
{
    public static InvalidDataException Error(string path, string rule, Exception? inner = null) => new($"'{path}' {rule}", inner);
}
