namespace DefenseBench;

/// <summary>Something the user can mend: told in one line, with exit code 1.</summary>
internal sealed class UserError(string message) : Exception(message);
