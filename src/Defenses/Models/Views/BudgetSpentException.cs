using System.Globalization;

namespace Defenses.Models;

/// <summary>A metered model refused a look because its budget of passes is spent.</summary>
public sealed class BudgetSpentException : Exception
{
    /// <summary>States what was spent and what was allowed.</summary>
    public BudgetSpentException(Queries spent, string allowed)
        : base(string.Create(CultureInfo.InvariantCulture,
            $"The query budget of {allowed} is spent ({spent.Forward} forward, {spent.Backward} backward). Raise the limit of the Metered view or shorten the attack.")) =>
        Spent = spent;

    /// <summary>The passes made.</summary>
    public Queries Spent { get; }
}
