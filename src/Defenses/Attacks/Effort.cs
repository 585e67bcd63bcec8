namespace Defenses.Attacks;

/// <summary>What an attack can be given more of.</summary>
public enum Effort
{
    /// <summary>Steps of a climb, candidates of a search, elements that may change one by one.</summary>
    Steps,

    /// <summary>Starts, of which the best counts.</summary>
    Restarts,

    /// <summary>Draws of a random model behind a gradient, where the attack averages by itself; the draws of a view are the view's.</summary>
    Draws,
}
