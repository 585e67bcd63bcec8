namespace Defenses.Papers;

/// <summary>Something the user can mend: told in one line, with exit code 1.</summary>
public sealed class UserError(string message) : Exception(message);
