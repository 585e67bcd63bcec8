namespace Defenses.Pages;

/// <summary>How a number is written on a page.</summary>
public enum NumberUnit
{
    /// <summary>As it is, with three significant digits: "12.3".</summary>
    Number,

    /// <summary>A fraction, written as a percentage: 0.123 is "12.3 %".</summary>
    Percent,

    /// <summary>A difference of fractions, written in percentage points with its sign: 0.123 is "+12.3".</summary>
    Points,

    /// <summary>As it is, with a fixed number of digits behind the point: "0.978".</summary>
    Decimals,
}
