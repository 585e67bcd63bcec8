namespace Defenses.Zoo;

/// <summary>The one form in which the Zoo reports a file that breaks a rule: file first, then the rule, the value, what to do.</summary>
internal static class BadFile
{
    public static InvalidDataException Error(string path, string rule, Exception? inner = null) => new($"'{path}' {rule}", inner);
}
